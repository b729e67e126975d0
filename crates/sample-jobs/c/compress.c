// Compresses every file of /input into /output, by LZSS: a window of 32 KiB, matches of 4 to 259 bytes found through
// hash chains, flags in bytes of eight. Each file is expanded again and compared before it counts.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1 << 15, SHORTEST = 4, LONGEST = 259, CHAIN = 64, BUCKETS = 1 << 15 };

static uint32_t bucket(const uint8_t *at) {
    uint32_t word;
    memcpy(&word, at, 4);
    return word * 2654435761u >> 17;
}

static size_t same(const uint8_t *a, const uint8_t *b, size_t most) {
    size_t length = 0;
    while (length < most && a[length] == b[length]) length++;
    return length;
}

static size_t compress(const uint8_t *in, size_t size, uint8_t *out) {
    static int32_t head[BUCKETS];
    int32_t *previous = malloc((size + 1) * sizeof *previous);
    if (!previous) abort();
    memset(head, -1, sizeof head);
    size_t at = 0, made = 0, flags = 0;
    int items = 8;
    while (at < size) {
        if (items == 8) {
            flags = made++;
            out[flags] = 0;
            items = 0;
        }
        size_t best = 0, from = 0, most = size - at < LONGEST ? size - at : LONGEST;
        if (most >= SHORTEST) {
            int32_t seen = head[bucket(in + at)];
            for (int tries = 0; seen >= 0 && at - (size_t)seen <= WINDOW && tries < CHAIN; tries++) {
                size_t length = same(in + seen, in + at, most);
                if (length > best) best = length, from = (size_t)seen;
                seen = previous[seen];
            }
        }
        size_t taken = 1;
        if (best >= SHORTEST) {
            size_t back = at - from - 1;
            out[flags] |= (uint8_t)(1 << items);
            out[made++] = (uint8_t)back;
            out[made++] = (uint8_t)(back >> 8);
            out[made++] = (uint8_t)(best - SHORTEST);
            taken = best;
        } else {
            out[made++] = in[at];
        }
        for (; taken > 0; taken--, at++) {
            if (size - at < 4) continue;
            uint32_t slot = bucket(in + at);
            previous[at] = head[slot];
            head[slot] = (int32_t)at;
        }
        items++;
    }
    free(previous);
    return made;
}

static size_t expand(const uint8_t *in, size_t size, uint8_t *out) {
    size_t at = 0, made = 0;
    while (at < size) {
        uint8_t flags = in[at++];
        for (int item = 0; item < 8 && at < size; item++) {
            if (!(flags >> item & 1)) {
                out[made++] = in[at++];
                continue;
            }
            size_t back = in[at] + ((size_t)in[at + 1] << 8) + 1, length = in[at + 2] + (size_t)SHORTEST;
            at += 3;
            for (; length > 0; length--, made++) out[made] = out[made - back];
        }
    }
    return made;
}

static uint8_t *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) return NULL;
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size) return NULL;
    fclose(file);
    return bytes;
}

static int handle(const char *name) {
    char from[512], to[512];
    snprintf(from, sizeof from, "/input/%s", name);
    snprintf(to, sizeof to, "/output/%s.lzss", name);
    size_t size;
    uint8_t *in = read_all(from, &size);
    if (!in) return perror(from), 1;
    uint8_t *out = malloc(size + size / 8 + 16), *again = malloc(size + LONGEST + 1);
    if (!out || !again) return perror("memory"), 1;
    size_t made = compress(in, size, out);
    if (expand(out, made, again) != size || memcmp(in, again, size)) {
        fprintf(stderr, "%s does not come back\n", name);
        return 1;
    }
    FILE *file = fopen(to, "wb");
    if (!file || fwrite(out, 1, made, file) != made || fclose(file)) return perror(to), 1;
    printf("%s %zu -> %zu bytes\n", name, size, made);
    free(in), free(out), free(again);
    return 0;
}

int main(void) {
    DIR *folder = opendir("/input");
    if (!folder) return perror("/input"), 1;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_type == DT_REG && handle(entry->d_name)) return 1;
    }
    return 0;
}
