/* One line through libc's stdio, as most programs print. */
#include <stdio.h>

int main(void)
{
    printf("Hello, %s!\n", "world");
    return 0;
}
