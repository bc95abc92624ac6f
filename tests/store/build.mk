$(eval $(call san_test,store,tests/store/store_test.c $(STORE_SOURCES) host/loader/message.c,-lcmocka -ljansson -lcrypto -lsqlite3 -lpthread))
