/* The story that most residue tests tell: a slot in S1, an invocation with a secret, a rewind. */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_STORY_H
#define RECLAVE_TESTS_BORDER_RESIDUE_STORY_H

#include "tests/border/residue/compare.h"
#include "tests/border/residue/secret.h"

struct story {
    struct border border;
    struct slot *slot; /* slot 0 */
    struct border_file bundle;
    struct pages reference; /* S1, before any invocation */
    struct pages now;
    struct known_list known; /* the entries that differed so far are marked */
    struct border_call call;
};

/* Images that the tests run on: RECLAVE_TEST_IMAGES (names, separated by blanks), else all. */
#define STORY_IMAGES_MAX 4
size_t story_images(const char *names[STORY_IMAGES_MAX]);

/* A case that is run for each image and each way of tracking what was written; its state is a
 * struct story_variant. */
struct story_case {
    const char *name;
    void (*function)(void **state);
    char mode; /* of the guest, if the case needs one */
    bool lazy_only;
};

struct story_variant {
    const char *image;
    const char *spreader; /* the guest that spreads the secret, built for one tracking scheme */
    char mode;
};

/* main()'s whole work: at most STORY_CASES_MAX cases. */
#define STORY_CASES_MAX 16
int story_run(const char *group, const struct story_case *cases, size_t count);

/* Slot 0 of a new enclave is READY with the guest; the reference is taken. */
void story_begin(struct story *story, const char *image, const char *guest);
void story_end(struct story *story);
/* An invocation with the secret: it ends as the mode says, with the secret on stdout and stderr. */
void story_spread(struct story *story, char mode);
/* Takes a picture: nothing of the secret is anywhere, nothing but the list differs from S1. */
void story_must_be_clean(struct story *story);

#endif
