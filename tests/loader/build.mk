LOADER_IMAGE_TEST := tests/loader/image_test.c tests/loader/sample_image.c host/loader/image.c host/loader/message.c
$(eval $(call san_test,loader-image,$(LOADER_IMAGE_TEST),-lcmocka))

# Not under a sanitizer: it enters through assembly, and reserves an ELRANGE.
LOADER_TEST := tests/loader/loader_test.c tests/loader/mock_driver.c tests/loader/sample_image.c
$(eval $(call host_test,loader,$(LOADER_TEST),loader base,-lcmocka))
