/* Needs more memory than there is. "ask MIB": one mapping that is too large, expects ENOMEM, then a
 * small one that must work. "malloc MIB": pieces of 8 MiB until NULL. "touch MIB": reserves without
 * a promise (MAP_NORESERVE) and touches it all, so it can only be killed. */
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc == 3);
    size_t bytes = strtoul(argv[2], NULL, 10) * MIB;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (strcmp(argv[1], "ask") == 0) {
        char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(at == MAP_FAILED && errno == ENOMEM);
        char *small = map_anon(4 * MIB);
        fill(small, 4 * MIB, 1);
        CHECK(bad_pages(small, 4 * MIB, 1) == 0);
        printf("refused\n");
        return 0;
    }
    if (strcmp(argv[1], "malloc") == 0) {
        size_t got = 0;
        char *piece;
        char **all = calloc(4096, sizeof *all);
        while (got < bytes && (piece = malloc(8 * MIB)) != NULL) {
            fill(piece, 8 * MIB, got);
            all[got / (8 * MIB)] = piece;
            got += 8 * MIB;
        }
        CHECK(got < bytes && errno == ENOMEM);
        for (size_t i = 0; i < got / (8 * MIB); i++) {
            CHECK(bad_pages(all[i], 8 * MIB, i * 8 * MIB) == 0);
        }
        printf("refused\n");
        return 0;
    }
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        printf("refused\n");
        return 0;
    }
    printf("touching\n");
    fill(at, bytes, 1);
    CHECK(bad_pages(at, bytes, 1) == 0);
    printf("touched all\n");
    return 0;
}
