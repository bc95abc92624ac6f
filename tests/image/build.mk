# The image tool's tests.
IMAGE_TEST_SOURCES := $(IMAGE_SOURCES) base/bytes.c
IMAGE_TEST_LIBS    := -lcmocka -lcrypto
$(eval $(call san_test,image-measure,tests/image/measure_test.c $(IMAGE_TEST_SOURCES),$(IMAGE_TEST_LIBS)))
$(eval $(call san_test,image-sigstruct,tests/image/sigstruct_test.c $(IMAGE_TEST_SOURCES),$(IMAGE_TEST_LIBS)))
$(eval $(call san_test,image-elf,tests/image/elf_test.c tests/image/elf_forge.c $(IMAGE_TEST_SOURCES),$(IMAGE_TEST_LIBS)))
$(eval $(call san_test,image-file,tests/image/image_test.c tests/image/elf_forge.c $(IMAGE_TEST_SOURCES),$(IMAGE_TEST_LIBS)))
CHECKS += tests/image/cli.sh
