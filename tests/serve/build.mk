# End to end: starts build/bin/reclave and asks it over HTTP.
CHECKS += tests/serve/proxy.py tests/serve/serve.py tests/serve/sealed.py tests/serve/mutants.sh tests/serve/faults.py tests/serve/deploy.sh
CHECKS += tests/serve/hunt.py tests/serve/hunt_control.sh

$(eval $(call fuzzer,action_code,tests/serve/code_fuzz.c $(addprefix host/action/,code.c zip.c env.c) host/loader/message.c,-ljansson -lcrypto -lzip))
$(eval $(call fuzzer,http_body,tests/serve/run_fuzz.c host/action/text.c host/action/plain.c host/action/sealed.c host/http/request.c host/loader/message.c,-ljansson -lmicrohttpd -lcrypto))

TORTURE += tests/serve/torture.sh

$(eval $(call san_test,serve-parts,tests/serve/parts_test.c host/action/text.c host/action/plain.c host/action/env.c host/pool/histogram.c host/pool/functions.c,-lcmocka -ljansson -lcrypto))

# The daemon's compilers, played.
$(eval $(call host_test,compile,tests/serve/compile_test.c,action pool log worker loader base,-lcmocka -ljansson -lcrypto -lzip -lseccomp))
$(eval $(call san_test,serve-pins,tests/serve/pins_test.c host/action/sealed.c host/action/plain.c host/loader/message.c $(addprefix host/pool/,pin.c schedule.c functions.c),-lcmocka -ljansson -lcrypto))
