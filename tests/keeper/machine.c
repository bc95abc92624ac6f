#include "tests/keeper/machine.h"

#include "host/keeper/quotes.h"
#include "trusted/attest/digest.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

const char *in_build(const char *relative)
{
    static char path[512];
    const char *build = getenv("BUILD");

    snprintf(path, sizeof(path), "%s/%s", build && *build ? build : "build", relative);
    return path;
}

void sign_statement(const struct signing_key *key, enum statement_kind kind, void *statement)
{
    uint8_t message[STATEMENT_MESSAGE_MAX];
    uint8_t digest[32];
    size_t bytes = statement_message(kind, statement, message);

    sha256_pieces(&(struct piece){message, bytes}, 1, digest);
    assert_good(signing_key_sign(key, digest, statement_signature(kind, statement)));
}

static struct enclave *enclave_of(const struct machine *machine, const char *image_path,
                                  const struct enclave_terms *terms)
{
    struct enclave_options options = {.driver = machine->driver};
    struct message why = {""};
    struct enclave *enclave;
    struct image image;

    if (image_open(in_build(image_path), &image, &why) != ST_OK)
        fail_msg("%s", why.text);
    if (enclave_create(&image, &options, &enclave, &why) != ST_OK)
        fail_msg("%s", why.text);
    image_close(&image);
    assert_good(enclave_init(enclave, terms));
    return enclave;
}

/* Any enclave's quote shows the platform. */
static void learn_platform(struct machine *machine, struct platform_policy *policy)
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    struct enclave *enclave =
        enclave_of(machine, "lib/reclave/images/reclave-lazy.rci", &(struct enclave_terms){0});
    struct attested_identity identity;
    struct message why = {""};
    uint8_t *quote;
    size_t bytes;

    assert_good(quote_slot(machine->quoting, enclave_slot(enclave, 0), nobody, &identity, &quote,
                           &bytes, &why));
    platform_policy_begin(policy, 1, 1000);
    assert_good(platform_policy_add(policy, quote, bytes, true));
    free(quote);
    enclave_destroy(enclave);
}

void machine_open(struct machine *machine)
{
    struct quoting_options options;
    struct sgx_problem problem;
    struct random_source source;
    char image[512];

    memset(machine, 0, sizeof(*machine));
    strcpy(machine->folder, "/tmp/reclave-keeper-XXXXXX");
    assert_non_null(mkdtemp(machine->folder));
    snprintf(machine->state, sizeof(machine->state), "%s/keeper.state", machine->folder);
    snprintf(image, sizeof(image), "%s", in_build("lib/reclave/images/quoting.rci"));
    assert_good(sgx_driver_select(SGX_EMULATOR, NULL, &machine->driver));
    options = (struct quoting_options){
        .driver = machine->driver, .image = image, .state_folder = machine->folder};
    if (quoting_open(&options, &machine->quoting, &problem) != ST_OK)
        fail_msg("%s", problem.text);
    machine->random.seed = 42;
    source = test_random_source(&machine->random);
    assert_good(signing_key_make(&source, &machine->owner));
    memcpy(machine->start.owner, machine->owner.public_key, SIGNING_KEY_BYTES);
    learn_platform(machine, &machine->start.policy);
    sign_statement(&machine->owner, STATEMENT_PLATFORM, &machine->start.policy);
}

void machine_close(struct machine *machine)
{
    DIR *folder = opendir(machine->folder);
    const struct dirent *entry;
    char file[512];

    quoting_close(machine->quoting);
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        snprintf(file, sizeof(file), "%s/%s", machine->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(file), 0);
    }
    closedir(folder);
    assert_int_equal(rmdir(machine->folder), 0);
}

struct keeper_host *machine_keeper(const struct machine *machine, const char *image,
                                   const char *state, const struct keeper_start *start)
{
    char image_path[512], quoting[512];
    const struct keeper_host_options options = {.driver = machine->driver,
                                                .image = image_path,
                                                .quoting_image = quoting,
                                                .quoting_state = machine->folder,
                                                .state = state};
    struct keeper_host *keeper;
    struct message why = {""};

    snprintf(image_path, sizeof(image_path), "%s", in_build(image));
    snprintf(quoting, sizeof(quoting), "%s", in_build("lib/reclave/images/quoting.rci"));
    if (keeper_host_open(&options, start, &keeper, &why) != ST_OK)
        fail_msg("%s", why.text);
    return keeper;
}

struct fleet_keeper keeper_view(struct keeper_host *keeper)
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    struct fleet_keeper view;
    struct keeper_status status;
    struct message why = {""};
    struct keeper_quote quote;

    memset(&view, 0, sizeof(view));
    assert_good(keeper_host_quote(keeper, nobody, &quote, &why));
    view.identity = quote.identity;
    memcpy(view.mrenclave, quote.quote + 48 + 64, 32); /* DCAP, A.4.4 */
    keeper_quote_free(&quote);
    assert_good(keeper_host_command(keeper, KEEPER_STATUS, NULL, 0, &status, sizeof(status), &why));
    memcpy(view.owner, status.owner, sizeof(view.owner));
    view.policy = status.policy;
    return view;
}

void worker_open(const struct machine *machine, const char *image, const uint8_t keeper_id[32],
                 bool shared, struct test_worker *worker)
{
    struct enclave_terms terms = {.shared_tenancy = shared};

    memset(worker, 0, sizeof(*worker));
    memcpy(terms.keeper_id, keeper_id, sizeof(terms.keeper_id));
    worker->policy = enclave_policy_of(&terms);
    worker->enclave = enclave_of(machine, image, &terms);
    worker->slot = enclave_slot(worker->enclave, 0);
}

enum status worker_admit(const struct machine *machine, struct test_worker *worker,
                         struct keeper_host *keeper)
{
    const struct keeper_peer peer = keeper_peer_here(keeper);
    struct message why = {""};

    return admission_run(&peer, machine->quoting, worker->slot, &worker->policy,
                         &worker->certificate, &why);
}

void worker_close(struct test_worker *worker)
{
    enclave_destroy(worker->enclave);
    memset(worker, 0, sizeof(*worker));
}
