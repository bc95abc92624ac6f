#include "tests/border/residue/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LOOP_TIMEOUT_MS     30
#define LOOP_TIMEOUT_MAX_MS 60000

size_t story_images(const char *names[STORY_IMAGES_MAX])
{
    static char list[256];
    const char *chosen = getenv("RECLAVE_TEST_IMAGES");
    size_t count = 0;

    strncpy(list, chosen ? chosen : "reclave-lazy reclave-eager-16", sizeof(list) - 1);
    for (char *name = strtok(list, " "); name && count < STORY_IMAGES_MAX; name = strtok(NULL, " "))
        names[count++] = name;
    return count;
}

int story_run(const char *group, const struct story_case *cases, size_t count)
{
    static const char *const spreaders[] = {"secret_spreader", "secret_spreader_marked"};
    enum { VARIANTS = 2 * STORY_IMAGES_MAX * STORY_CASES_MAX };
    static struct story_variant variants[VARIANTS];
    static char names[VARIANTS][128];
    static struct CMUnitTest tests[VARIANTS];
    const char *images[STORY_IMAGES_MAX];
    size_t image_count = story_images(images);
    size_t n = 0;

    for (size_t i = 0; i < 2 * image_count; i++) {
        const char *image = images[i / 2];

        for (size_t c = 0; c < count && c < STORY_CASES_MAX; c++) {
            if (cases[c].lazy_only && !strstr(image, "lazy"))
                continue;
            variants[n] = (struct story_variant){image, spreaders[i % 2], cases[c].mode};
            snprintf(names[n], sizeof(names[n]), "%s, %s: %s", image, i % 2 ? "mark" : "copy",
                     cases[c].name);
            tests[n] = (struct CMUnitTest){names[n], cases[c].function, NULL, NULL, &variants[n]};
            n++;
        }
    }
    return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}

void story_begin(struct story *story, const char *image, const char *guest)
{
    memset(story, 0, sizeof(*story));
    story->bundle = border_guest(guest);
    border_open(&story->border, image);
    story->slot = enclave_slot(story->border.enclave, 0);
    border_boot(&story->border, 0);
    border_load(&story->border, 0, &story->bundle, NULL);
    pages_take(&story->reference, &story->border);
    known_list_for(0, &story->known);
}

void story_end(struct story *story)
{
    border_close(&story->border);
    border_file_free(&story->bundle);
    pages_free(&story->reference);
    pages_free(&story->now);
}

static const struct {
    char mode;
    enum outcome outcome;
    enum trap trap;
    uint64_t timeout_ms;
} endings[] = {
    {'f', OUTCOME_OK, TRAP_NONE, 0},
    {'t', OUTCOME_TRAP, TRAP_UNREACHABLE, 0},
    {'r', OUTCOME_TRAP, TRAP_STACK_EXHAUSTED, 0},
    {'l', OUTCOME_ABORTED_BY_HOST, TRAP_NONE, LOOP_TIMEOUT_MS},
};

/* A slow machine may stop the guest before it has said the secret: then it gets more time. */
static void invoke_until_said(struct story *story, uint64_t timeout_ms)
{
    story->call.timeout_ms = timeout_ms;
    border_invoke(&story->border, 0, &story->call);
    while (story->call.result.outcome == OUTCOME_ABORTED_BY_HOST &&
           story->call.result.log_bytes < SECRET_BYTES &&
           story->call.timeout_ms < LOOP_TIMEOUT_MAX_MS) {
        border_rewind(&story->border, 0);
        story->call.timeout_ms *= 2;
        border_invoke(&story->border, 0, &story->call);
    }
}

void story_spread(struct story *story, char mode)
{
    size_t i = 0;

    while (endings[i].mode != mode)
        i++;
    secret_spread(&story->call, mode);
    invoke_until_said(story, endings[i].timeout_ms);
    assert_int_equal(story->call.result.outcome, endings[i].outcome);
    assert_int_equal(story->call.result.trap, endings[i].trap);
    assert_int_equal(story->call.result.output_bytes, SECRET_BYTES);
    assert_memory_equal(story->call.output, secret(), SECRET_BYTES);
    assert_int_equal(story->call.result.log_bytes, SECRET_BYTES);
    assert_memory_equal(story->call.log, secret(), SECRET_BYTES);
}

void story_must_be_clean(struct story *story)
{
    pages_take(&story->now, &story->border);
    assert_int_equal(secret_remains(&story->now), 0);
    assert_int_equal(compare_pages(&story->reference, &story->now, 0, &story->known), 0);
}
