$(eval $(call san_test,http-uri,tests/http/uri_test.c host/http/uri.c host/http/route.c,-lcmocka -ljansson))
$(eval $(call san_test,http-server,tests/http/server_test.c $(HTTP_SOURCES) host/worker/socket.c host/loader/message.c,-lcmocka -ljansson -lmicrohttpd -lpthread))
$(eval $(call fuzzer,http_uri,tests/http/uri_fuzz.c host/http/uri.c host/http/route.c,-ljansson))
