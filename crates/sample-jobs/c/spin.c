// Steps through Collatz sequences from one on, so many steps in all, in millions: a job of any length.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
    if (count != 2) return fprintf(stderr, "usage: spin MILLIONS\n"), 2;
    uint64_t steps = strtoull(words[1], NULL, 10) * 1000000, start = 0, longest = 0, of = 1;
    while (steps > 0) {
        uint64_t length = 0, at = ++start;
        for (; at != 1 && steps > 0; length++, steps--) at = at & 1 ? 3 * at + 1 : at / 2;
        if (length > longest) longest = length, of = start;
        if (start == 1) steps--;
    }
    printf("longest sequence from 1 to %llu: %llu steps, from %llu\n", (unsigned long long)start,
           (unsigned long long)longest, (unsigned long long)of);
    return 0;
}
