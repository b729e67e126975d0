// Blurs a colour picture, a binary PPM: /input/NAME into /output/NAME. Three box filters of the given radius in each
// direction come close to a Gaussian one.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void box(const uint8_t *from, uint8_t *to, int count, int step, int radius) {
    int sum = 0, width = 2 * radius + 1;
    for (int at = -radius; at <= radius; at++) {
        int inside = at < 0 ? 0 : at >= count ? count - 1 : at;
        sum += from[inside * step];
    }
    for (int at = 0; at < count; at++) {
        to[at * step] = (uint8_t)((sum + width / 2) / width);
        int leaves = at - radius < 0 ? 0 : at - radius;
        int enters = at + radius + 1 >= count ? count - 1 : at + radius + 1;
        sum += from[enters * step] - from[leaves * step];
    }
}

int main(int count, char **words) {
    if (count != 3) return fprintf(stderr, "usage: blur NAME RADIUS\n"), 2;
    int radius = atoi(words[2]), width, height, most;
    char path[512];
    snprintf(path, sizeof path, "/input/%s", words[1]);
    FILE *file = fopen(path, "rb");
    if (!file || fscanf(file, "P6 %d %d %d", &width, &height, &most) != 3 || most != 255 || fgetc(file) == EOF)
        return fprintf(stderr, "%s is no PPM with 255 levels\n", path), 1;
    if (width < 1 || height < 1 || width > 16384 || height > 16384 || radius < 0 || radius > 1024)
        return fprintf(stderr, "the picture or the radius is too large\n"), 1;
    size_t size = (size_t)width * (size_t)height * 3;
    uint8_t *a = malloc(size), *b = malloc(size);
    if (!a || !b || fread(a, 1, size, file) != size) return fprintf(stderr, "%s is cut short\n", path), 1;
    fclose(file);
    for (int pass = 0; pass < 3; pass++) {
        for (int y = 0; y < height; y++)
            for (int colour = 0; colour < 3; colour++)
                box(a + (size_t)y * (size_t)width * 3 + colour, b + (size_t)y * (size_t)width * 3 + colour, width, 3, radius);
        for (int x = 0; x < width; x++)
            for (int colour = 0; colour < 3; colour++) box(b + x * 3 + colour, a + x * 3 + colour, height, width * 3, radius);
    }
    snprintf(path, sizeof path, "/output/%s", words[1]);
    file = fopen(path, "wb");
    if (!file) return perror(path), 1;
    fprintf(file, "P6\n%d %d\n255\n", width, height);
    if (fwrite(a, 1, size, file) != size || fclose(file)) return perror(path), 1;
    printf("%d x %d pixels blurred by a radius of %d\n", width, height, radius);
    return 0;
}
