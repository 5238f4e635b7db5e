/* Robust mutexes, process-shared and private, whose owner is killed, ends, or execs while its memory
 * is away: the next one is told. */
#include "situation.h"

static pthread_mutex_t *mutex; /* in shared memory */

static void *locks_and_ends(void *argument) {
    CHECK(pthread_mutex_lock(argument) == 0);
    return NULL;
}

static void next_owner(const char *what, pthread_mutex_t *of) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 5;
    int answer = pthread_mutex_timedlock(of, &deadline);
    printf("%s: %s\n", what, answer == EOWNERDEAD ? "told" : strerror(answer));
    if (answer == EOWNERDEAD) {
        CHECK(pthread_mutex_consistent(of) == 0);
        CHECK(pthread_mutex_unlock(of) == 0);
    }
}

static void init(pthread_mutex_t *it) {
    pthread_mutexattr_t attributes;
    CHECK(pthread_mutexattr_init(&attributes) == 0);
    CHECK(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
    CHECK(pthread_mutex_init(it, &attributes) == 0);
}

static void owner_is(const char *what, int how) {
    int ready[2], go[2];
    char byte;
    CHECK(pipe(ready) == 0 && pipe(go) == 0);
    pid_t child = fork();
    if (child == 0) {
        CHECK(pthread_mutex_lock(mutex) == 0 && write(ready[1], "x", 1) == 1);
        CHECK(read(go[0], &byte, 1) == 1);
        if (how == 2) {
            execl("/bin/true", "true", (char *)NULL);
        }
        _exit(0);
    }
    CHECK(child > 0 && read(ready[0], &byte, 1) == 1);
    pressure();
    pressure();
    if (how == 0) {
        CHECK(kill(child, SIGKILL) == 0);
    } else {
        CHECK(write(go[1], "x", 1) == 1);
    }
    ended(child);
    next_owner(what, mutex);
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
}

int main(void) {
    mutex = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(mutex != MAP_FAILED);
    init(mutex);
    owner_is("killed", 0);
    owner_is("ended", 1);
    owner_is("became another program", 2);
    pthread_mutex_t *own = (pthread_mutex_t *)map_anon(PAGE);
    init(own);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, locks_and_ends, own) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pressure();
    next_owner("a thread that ended", own);
    return verdict();
}
