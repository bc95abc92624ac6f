/* The subcommands of `reclave`: one file each. argv[0] is the verb. Each
 * returns the exit code: 0 done, 1 failed, 2 wrong usage. */
#ifndef RECLAVE_CLI_COMMANDS_H
#define RECLAVE_CLI_COMMANDS_H

int cmd_attest(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_build(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_invoke(int argc, char **argv);
int cmd_keeper(int argc, char **argv);
int cmd_key(int argc, char **argv);
int cmd_proxy(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_seal(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_user(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_worker(int argc, char **argv);

#endif
