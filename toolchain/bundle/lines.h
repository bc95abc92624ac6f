/* A text line by line, without copying. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_LINES_H
#define RECLAVE_TOOLCHAIN_BUNDLE_LINES_H

#include "toolchain/bundle/text.h"

/* One line with its '\n', or the text's last bytes without. Borrowed. */
struct line {
    const char *text;
    size_t bytes;
};

struct lines {
    const char *at, *end;
};

struct lines lines_of(const struct text *text);
/* False at the end; *line is then empty. */
bool lines_next(struct lines *lines, struct line *line);
/* Skips up to and including the line that is `text`; false: there is none. */
bool lines_skip_past(struct lines *lines, const char *text);

bool line_is(struct line line, const char *text); /* '\n' apart */
bool line_starts(struct line line, const char *text);
bool line_equal(struct line a, struct line b);
/* Does [at, end) start with this text? */
bool line_at_starts(const char *at, const char *end, const char *text);

#endif
