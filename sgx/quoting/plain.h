/* A plain enclave (abi/image.h, IMAGE_PLAIN) through the driver's interface: load and call. */
#ifndef RECLAVE_SGX_QUOTING_PLAIN_H
#define RECLAVE_SGX_QUOTING_PLAIN_H

#include "sgx/driver.h"
#include "sgx/problem.h"

struct plain_enclave {
    const struct sgx_driver *driver;
    int fd;
    uint64_t base;
};

/* Loads the image file. On success the caller ends with plain_close. The image is not trusted and
 * not protected by these checks: they name what is wrong instead of an ioctl's EINVAL. */
MUST_CHECK enum status plain_open(const struct sgx_driver *driver, const char *path,
                                  struct plain_enclave *out, struct sgx_problem *p);
void plain_close(struct plain_enclave *enclave);

/* One call; not to be made by two threads at a time. The enclave's status, or ST_SGX_ENTER. */
MUST_CHECK enum status plain_call(const struct plain_enclave *enclave, uint64_t number,
                                  void *request, uint64_t bytes);

#endif
