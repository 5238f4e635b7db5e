/*
 * mappings SEED COUNT STEPS: for each of COUNT seeds from SEED on, up to four processes do STEPS random
 * actions each on their memory (map, move, unmap, grow, drop, lock, write, fork and more), while a thread
 * does the same beside one of them, and compare all that they read with a model. Prints a line for each
 * seed; its digest depends on the seed and the steps only.
 */
#include "areas.h"
#include <malloc.h>

enum { PROCESSES = 4, AREA = 640, SECONDS_MAX = 60 };

struct result {
    uint64_t digest;
    int done;
};

static struct result *results; /* shared by all processes */
static int steps;

static void check_all(struct course *course) {
    check(course, &course->area, 0, course->area.pages);
    check(course, &heap, 0, HEAP);
    check(course, &stack, 0, STACK);
}

static void other_areas(struct course *course, int count) {
    struct area *area = below(course, 2) ? &heap : &stack;
    int from = below(course, area->pages - count + 1);
    switch (below(course, 4)) {
    case 0:
        drop(course, area, from, count);
        break;
    case 1:
        free_lazily(course, area, from, count);
        break;
    default:
        write_pages(course, area, from, count);
    }
    check(course, area, from, count);
}

/* One of the actions that need no more than the area of the course. */
static void act(struct course *course, int choice) {
    static const struct {
        const char *name;
        void (*action)(struct course *, int, int);
        int weight;
    } actions[] = {{"map_fixed", map_fixed, 8},
                   {"map_no_replace", map_no_replace, 4},
                   {"map_file", map_file, 2},
                   {"refused", refused, 2},
                   {"unmap", unmap, 4},
                   {"resize_in_place", resize_in_place, 6},
                   {"move_fixed", move_fixed, 6},
                   {"move_anywhere", move_anywhere, 4},
                   {"move_and_keep", move_and_keep, 3},
                   {"protect", protect, 4},
                   {"advise_for_children", advise_for_children, 3},
                   {"lock", lock, 2},
                   {"unlock", unlock, 2}};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if ((choice -= actions[i].weight) < 0) {
            course->action = actions[i].name;
            actions[i].action(course, course->from, course->count);
            return;
        }
    }
    struct area *area = &course->area;
    course->action = "content";
    switch (choice % 8) {
    case 0:
        drop(course, area, course->from, course->count);
        break;
    case 1:
        free_lazily(course, area, course->from, course->count);
        break;
    case 2:
        harmless(course, area, course->from, course->count);
        break;
    case 3:
        through_a_pipe(course, course->from);
        break;
    default:
        write_pages(course, area, course->from, course->count);
    }
}

static void step(struct course *course) {
    course->from = below(course, course->area.pages - 48);
    course->count = 1 + below(course, below(course, 3) ? 12 : 48);
    act(course, below(course, 82));
    int behind = below(course, course->area.pages - 48);
    check(course, &course->area, course->from, course->count);
    check(course, &course->area, behind, 48);
}

static void *beside_body(void *argument) {
    struct course *course = argument;
    for (course->step = 0; course->step < steps / 2; course->step++) {
        step(course);
    }
    check(course, &course->area, 0, course->area.pages);
    return NULL;
}

/* A child that only looks: its memory is what it was, and stays so under what its parent does then. */
static pid_t looker(struct course *course) {
    pid_t child = fork();
    if (child == 0) {
        struct course own = *course;
        own.process += 100;
        becomes_child(&own.area);
        becomes_child(&heap);
        becomes_child(&stack);
        check_all(&own);
        write_pages(&own, &own.area, 0, own.area.pages / 2);
        check_all(&own);
        _exit(0);
    }
    if (child == -1) {
        fail(course, "fork: %s", strerror(errno));
    }
    return child;
}

/* A child that changes this very memory, while its parent waits. */
static void change_by_vfork(struct course *course) {
    pid_t child = vfork();
    if (child == 0) {
        course->action = "by a child of vfork";
        map_fixed(course, course->from, course->count);
        write_pages(course, &course->area, course->from, course->count);
        drop(course, &course->area, course->from, 1 + course->count / 2);
        _exit(0);
    }
    join(course, child);
    check(course, &course->area, course->from, course->count);
}

/* Forks while a thread maps and moves in the area beside. */
static void fork_beside_thread(struct course *course) {
    struct course other = {.seed = course->seed,
                           .random = next(course),
                           .process = course->process + 10,
                           .area = beside};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, beside_body, &other) == 0);
    for (int i = 0; i < 3; i++) {
        pid_t child = looker(course);
        step(course); /* at once, while the child is being made known */
        join(course, child);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    expect(course, munmap(beside.base, BESIDE * PAGE), 0);
    memset(beside.page, 0, BESIDE * sizeof *beside.page);
    note(course, other.digest);
}

static void run(struct course *course, int children_max);

static pid_t heir(struct course *course, int process, int children_max) {
    uint64_t random = next(course);
    pid_t child = fork();
    if (child == 0) {
        course->process = process;
        course->random = random;
        course->digest = 0;
        becomes_child(&course->area);
        becomes_child(&heap);
        becomes_child(&stack);
        run(course, children_max);
        results[process] = (struct result){course->digest, 1};
        _exit(0);
    }
    if (child == -1) {
        fail(course, "fork: %s", strerror(errno));
    }
    return child;
}

static void run(struct course *course, int children_max) {
    pid_t children[2];
    int made = 0, storm_at = below(course, steps), first = course->step, process = course->process;
    for (; course->step < first + steps; course->step++) {
        int choice = below(course, 100);
        step(course);
        course->action = "other areas";
        if (choice < 4) {
            move_heap_end(course);
        } else if (choice < 7) {
            grow_stack(course, course->count);
        } else if (choice < 9) {
            shrink_stack(course, course->count);
        } else if (choice < 20) {
            other_areas(course, course->count);
        } else if (choice < 22) {
            course->action = "pressure";
            pressure();
        } else if (choice < 24) {
            change_by_vfork(course);
        } else if (choice < 28) {
            course->action = "look";
            pid_t child = looker(course);
            step(course);
            join(course, child);
        } else if (choice < 34 && made < children_max) {
            course->action = "fork";
            int number = process == 0 ? 1 + made : 3;
            children[made] = heir(course, number, process == 0 && made == 0);
            made++;
            step(course);
        }
        if (course->step - first == storm_at) {
            course->action = "fork beside a thread";
            fork_beside_thread(course);
        }
    }
    course->action = "end";
    check_all(course);
    for (int i = 0; i < made; i++) {
        join(course, children[i]);
    }
}

static int run_seed(uint64_t seed) {
    memset(results, 0, PROCESSES * sizeof *results);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(setpgid(0, 0) == 0);
        alarm(SECONDS_MAX); /* a seed that hangs fails */
        struct course course = {
            .seed = seed, .random = mix(seed + 1), .area = reserve("the area", AREA)};
        free_area(&course.area);
        prepare();
        run(&course, 2);
        results[0] = (struct result){course.digest, 1};
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    uint64_t digest = 0;
    for (int i = 0; i < PROCESSES; i++) {
        digest = mix(digest * 7 + results[i].digest + (uint64_t)results[i].done);
    }
    if (status != 0) {
        kill(-child, SIGKILL); /* what it left behind */
        printf("seed %llu failed with %x; again: mappings %llu 1 %d\n", (unsigned long long)seed,
               status, (unsigned long long)seed, steps);
    } else {
        printf("seed %llu digest %016llx ok\n", (unsigned long long)seed,
               (unsigned long long)digest);
    }
    return status != 0;
}

int main(int argc, char **argv) {
    static char line[4096];
    CHECK(argc == 4 && setvbuf(stdout, line, _IOLBF, sizeof line) == 0);
    /* What threads need later comes from what malloc has by then, not from a brk that was moved. */
    CHECK(mallopt(M_TOP_PAD, 1 << 20) == 1 && mallopt(M_TRIM_THRESHOLD, 1 << 30) == 1);
    void *volatile block = malloc(1000); /* which the compiler may not leave out */
    free(block);
    uint64_t seed = strtoull(argv[1], NULL, 10);
    long count = strtol(argv[2], NULL, 10), failed = 0;
    steps = atoi(argv[3]);
    CHECK(steps > 0);
    results = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(results != MAP_FAILED);
    for (long i = 0; i < count; i++) {
        failed += run_seed(seed + (uint64_t)i);
    }
    return failed != 0;
}
