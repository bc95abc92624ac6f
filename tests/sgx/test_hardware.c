/* The hardware back end, as far as a machine without SGX can test it. */
#include "abi/sgx_arch.h"
#include "sgx/driver/hardware.h"
#include "sgx/driver/vdso.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void vdso_functions_are_found_and_work(void **state)
{
    uint64_t image = getauxval(AT_SYSINFO_EHDR);
    struct timespec now = {0};
    int (*gettime)(clockid_t, struct timespec *);

    (void)state;
    if (!image) {
        print_message("# the kernel gives no vDSO (vdso=0)\n");
        skip();
    }
    gettime = (int (*)(clockid_t, struct timespec *))vdso_function(image, "__vdso_clock_gettime");
    assert_non_null(gettime);
    assert_int_equal(gettime(CLOCK_REALTIME, &now), 0);
    assert_true(now.tv_sec > 0);
    assert_int_equal(vdso_function(image, "__vdso_no_such_function"), 0);
    assert_int_equal(vdso_function(0, "__vdso_clock_gettime"), 0);
}

static void absent_device_has_its_own_status(void **state)
{
    const struct sgx_driver *driver;

    (void)state;
    if (access("/dev/sgx_enclave", R_OK | W_OK) == 0) {
        print_message("# there is /dev/sgx_enclave\n");
        skip();
    }
    assert_int_equal(sgx_driver_select(SGX_HARDWARE, NULL, &driver), ST_SGX_NO_DEVICE);
    assert_null(driver);
    assert_int_equal(sgx_driver_select(SGX_AUTO, NULL, &driver), ST_OK);
    assert_string_equal(driver->name, "emulator");
}

/* Stands in for the vDSO: checks its arguments, spoils what the vDSO may spoil. */
int fake_vdso(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned int function,
              unsigned long r8, unsigned long r9, struct sgx_enclave_run *run);
int fake_vdso(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned int function,
              unsigned long r8, unsigned long r9, struct sgx_enclave_run *run)
{
    run->user_data = rdi == 1 && rsi == 2 && rdx == 3 && r8 == 5 && r9 == 6 ? function : 0;
    return 42;
}

__asm__(".text\n"
        "spoiling_vdso:\n"
        "    mov $0xdead, %r12d\n"
        "    mov %r12, %r13\n"
        "    mov %r12, %r14\n"
        "    mov %r12, %r15\n"
        "    jmp fake_vdso\n");
extern const uint8_t spoiling_vdso[];

static void entering_keeps_what_c_needs(void **state)
{
    register uint64_t r12 __asm__("r12") = 11;
    register uint64_t r15 __asm__("r15") = 44;
    struct sgx_enclave_run run = {0};
    int result;

    (void)state;
    sgx_vdso_enter = (uint64_t)spoiling_vdso;
    __asm__ volatile("" : "+r"(r12), "+r"(r15));
    result = sgx_hardware_enter(1, 2, 3, ENCLU_EENTER, 5, 6, &run);
    __asm__ volatile("" : "+r"(r12), "+r"(r15));
    assert_int_equal(result, 42);
    assert_int_equal(run.user_data, ENCLU_EENTER);
    assert_int_equal(r12, 11);
    assert_int_equal(r15, 44);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vdso_functions_are_found_and_work),
        cmocka_unit_test(absent_device_has_its_own_status),
        cmocka_unit_test(entering_keeps_what_c_needs),
    };

    return cmocka_run_group_tests_name("sgx-hardware", tests, NULL, NULL);
}
