#include "toolchain/bundle/preview1.h"

#include "abi/gates.h"

/* Signatures: WASI repository, legacy/preview1/docs.md, lowered to core types; the same that
 * wasi-libc's <wasi/api.h> declares. What layer 1 lacks answers ENOSYS at run time. */
static const struct preview1_function functions[] = {
    {"args_get", "ii", "i", WASI_ARGS_GET},
    {"args_sizes_get", "ii", "i", WASI_ARGS_SIZES_GET},
    {"environ_get", "ii", "i", WASI_ENVIRON_GET},
    {"environ_sizes_get", "ii", "i", WASI_ENVIRON_SIZES_GET},
    {"clock_res_get", "ii", "i", WASI_CLOCK_RES_GET},
    {"clock_time_get", "iIi", "i", WASI_CLOCK_TIME_GET},
    {"fd_advise", "iIIi", "i", WASI_NOSYS},
    {"fd_allocate", "iII", "i", WASI_NOSYS},
    {"fd_close", "i", "i", WASI_FD_CLOSE},
    {"fd_datasync", "i", "i", WASI_NOSYS},
    {"fd_fdstat_get", "ii", "i", WASI_FD_FDSTAT_GET},
    {"fd_fdstat_set_flags", "ii", "i", WASI_FD_FDSTAT_SET_FLAGS},
    {"fd_fdstat_set_rights", "iII", "i", WASI_NOSYS},
    {"fd_filestat_get", "ii", "i", WASI_FD_FILESTAT_GET},
    {"fd_filestat_set_size", "iI", "i", WASI_NOSYS},
    {"fd_filestat_set_times", "iIIi", "i", WASI_NOSYS},
    {"fd_pread", "iiiIi", "i", WASI_NOSYS},
    {"fd_prestat_get", "ii", "i", WASI_FD_PRESTAT_GET},
    {"fd_prestat_dir_name", "iii", "i", WASI_FD_PRESTAT_DIR_NAME},
    {"fd_pwrite", "iiiIi", "i", WASI_NOSYS},
    {"fd_read", "iiii", "i", WASI_FD_READ},
    {"fd_readdir", "iiiIi", "i", WASI_NOSYS},
    {"fd_renumber", "ii", "i", WASI_NOSYS},
    {"fd_seek", "iIii", "i", WASI_FD_SEEK},
    {"fd_sync", "i", "i", WASI_NOSYS},
    {"fd_tell", "ii", "i", WASI_FD_TELL},
    {"fd_write", "iiii", "i", WASI_FD_WRITE},
    {"path_create_directory", "iii", "i", WASI_NOSYS},
    {"path_filestat_get", "iiiii", "i", WASI_NOSYS},
    {"path_filestat_set_times", "iiiiIIi", "i", WASI_NOSYS},
    {"path_link", "iiiiiii", "i", WASI_NOSYS},
    {"path_open", "iiiiiIIii", "i", WASI_NOSYS},
    {"path_readlink", "iiiiii", "i", WASI_NOSYS},
    {"path_remove_directory", "iii", "i", WASI_NOSYS},
    {"path_rename", "iiiiii", "i", WASI_NOSYS},
    {"path_symlink", "iiiii", "i", WASI_NOSYS},
    {"path_unlink_file", "iii", "i", WASI_NOSYS},
    {"poll_oneoff", "iiii", "i", WASI_POLL_ONEOFF},
    {"proc_exit", "i", "", WASI_PROC_EXIT},
    {"proc_raise", "i", "i", WASI_NOSYS},
    {"sched_yield", "", "i", WASI_SCHED_YIELD},
    {"random_get", "ii", "i", WASI_RANDOM_GET},
    {"sock_accept", "iii", "i", WASI_NOSYS},
    {"sock_recv", "iiiiii", "i", WASI_NOSYS},
    {"sock_send", "iiiii", "i", WASI_NOSYS},
    {"sock_shutdown", "ii", "i", WASI_NOSYS},
};

const struct preview1_function *preview1_find(struct wasm_name name)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (wasm_name_is(name, functions[i].name))
            return &functions[i];
    return NULL;
}
