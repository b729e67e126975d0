// Packs a knapsack as well as possible: /input/items.csv holds `weight,value` lines after a header, the argument is the
// capacity. Branch and bound, with the fractional packing as the bound; the result is proved best.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 };
typedef struct { long weight, value; int index; } Item;

static Item items[MOST];
static int many;
static char taken[MOST], best_taken[MOST];
static long best = -1;
static unsigned long long nodes;

static int by_density(const void *left, const void *right) {
    const Item *a = left, *b = right;
    long long first = (long long)b->value * a->weight, second = (long long)a->value * b->weight;
    return first != second ? (first > second) - (first < second) : a->index - b->index;
}

static double bound(int at, long room, long value) {
    double most = (double)value;
    for (; at < many && items[at].weight <= room; at++) room -= items[at].weight, most += (double)items[at].value;
    return at < many ? most + (double)items[at].value * (double)room / (double)items[at].weight : most;
}

static void search(int at, long room, long value) {
    nodes++;
    if (value > best) best = value, memcpy(best_taken, taken, sizeof taken);
    if (at == many || bound(at, room, value) < (double)best + 1) return;
    if (items[at].weight <= room) {
        taken[at] = 1;
        search(at + 1, room - items[at].weight, value + items[at].value);
        taken[at] = 0;
    }
    search(at + 1, room, value);
}

int main(int count, char **words) {
    if (count != 2) return fprintf(stderr, "usage: knapsack CAPACITY\n"), 2;
    FILE *file = fopen("/input/items.csv", "r");
    if (!file || fscanf(file, "weight,value") != 0) return fprintf(stderr, "no /input/items.csv\n"), 1;
    while (many < MOST && fscanf(file, "%ld,%ld", &items[many].weight, &items[many].value) == 2) {
        if (items[many].weight < 1 || items[many].value < 0) return fprintf(stderr, "item %d is no item\n", many), 1;
        items[many].index = many;
        many++;
    }
    fclose(file);
    qsort(items, (size_t)many, sizeof *items, by_density);
    search(0, strtol(words[1], NULL, 10), 0);
    file = fopen("/output/packed.csv", "w");
    if (!file) return perror("/output/packed.csv"), 1;
    fprintf(file, "item,weight,value\n");
    for (int at = 0; at < many; at++)
        if (best_taken[at]) fprintf(file, "%d,%ld,%ld\n", items[at].index, items[at].weight, items[at].value);
    printf("value %ld of %d items, proved best in %llu nodes\n", best, many, nodes);
    return fclose(file) ? 1 : 0;
}
