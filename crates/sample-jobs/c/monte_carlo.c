// Prices an Asian call option by Monte Carlo, from a seed: paths of geometric Brownian motion with 52 steps, and each
// path's mirror image as its antithetic twin. Normal numbers by Box and Muller from xoshiro256**.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state[4];

static uint64_t rotate(uint64_t word, int by) { return word << by | word >> (64 - by); }

static uint64_t next(void) {
    uint64_t result = rotate(state[1] * 5, 7) * 9, shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 45);
    return result;
}

// SplitMix64 fills the state, as the generator's authors advise.
static void seed(uint64_t from) {
    for (int word = 0; word < 4; word++) {
        uint64_t mixed = from += 0x9e3779b97f4a7c15;
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        state[word] = mixed ^ mixed >> 31;
    }
}

static double uniform(void) { return ((double)(next() >> 11) + 0.5) * 0x1p-53; }

int main(int count, char **words) {
    if (count != 3) return fprintf(stderr, "usage: monte_carlo SEED PATHS\n"), 2;
    seed(strtoull(words[1], NULL, 10));
    long paths = strtol(words[2], NULL, 10);
    if (paths < 2) return fprintf(stderr, "at least two paths\n"), 2;
    enum { STEPS = 52 };
    const double start = 100, strike = 100, rate = 0.03, volatility = 0.2, step = 1.0 / STEPS, pi = acos(-1);
    const double drift = (rate - volatility * volatility / 2) * step, spread = volatility * sqrt(step);
    double sum = 0, squares = 0;
    for (long path = 0; path < paths; path++) {
        double up = start, down = start, above = 0, below = 0;
        for (int at = 0; at < STEPS; at++) {
            double normal = sqrt(-2 * log(uniform())) * cos(2 * pi * uniform());
            above += up *= exp(drift + spread * normal);
            below += down *= exp(drift - spread * normal);
        }
        double paid = exp(-rate) * (fmax(above / STEPS - strike, 0) + fmax(below / STEPS - strike, 0)) / 2;
        sum += paid;
        squares += paid * paid;
    }
    double mean = sum / (double)paths, error = sqrt((squares / (double)paths - mean * mean) / (double)(paths - 1));
    printf("price %.6f, standard error %.6f, %ld paths\n", mean, error, paths);
    FILE *file = fopen("/output/price.csv", "w");
    if (!file) return perror("/output/price.csv"), 1;
    fprintf(file, "price,standard_error,paths\n%.9f,%.9f,%ld\n", mean, error, paths);
    return fclose(file) ? 1 : 0;
}
