$(eval $(call san_test,example-pseudonymise,tests/examples/pseudonymise_test.c \
    $(filter-out %/main.c,$(PSEUDONYMISE_SOURCES)),-lcmocka))
CHECKS += tests/examples/demo.sh

$(eval $(call fuzzer,pseudonymise,tests/examples/pseudonymise_fuzz.c \
    $(filter-out %/main.c,$(PSEUDONYMISE_SOURCES)),))

$(eval $(call san_test,example-forth,tests/examples/forth_test.c \
    $(filter-out %/main.c,$(FORTH_SOURCES)),-lcmocka))
CHECKS += tests/examples/forth.sh
