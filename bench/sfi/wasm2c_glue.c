/*
 * Makes a shared object of a program that stock wasm2c has translated: run() with the one
 * instance that exists from loading on. Compiled with wasm2c's header, and with wabt's own
 * runtime beside it.
 */
#include WASM2C_HEADER

__attribute__((visibility("default"))) uint64_t run(uint32_t scale);

static Z_m_instance_t instance;

__attribute__((constructor)) static void instantiate(void)
{
    wasm_rt_init();
    Z_m_init_module();
    Z_m_instantiate(&instance);
}

uint64_t run(uint32_t scale)
{
    return Z_mZ_run(&instance, scale);
}
