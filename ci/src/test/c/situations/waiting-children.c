/* Children that make no call about memory, only wait in some other call or compute, while their
 * parent needs room: each call ends when it ought to and with the answer it ought to have, and the
 * memory of each child is whole. */
#include "situation.h"
#include <linux/futex.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

enum { KEPT = 512 << 10, MUCH = 1 << 20, EARLY = 51, ANSWER = 52, MEMORY = 53, CLOCK = 54 };
static const double WAIT = 2.5;

static int never[2], later[2], stream[2], packets[2], much[2], epoll_never, queue, semaphores, lock_file;
static volatile sig_atomic_t signals;

static void count_signal(int number) {
    signals += number == SIGUSR1;
}

static struct timespec after(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    at.tv_sec += 2;
    at.tv_nsec += 500000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

static const struct timespec wait_time = {2, 500000000};

static int sleeps(void) {
    return nanosleep(&wait_time, NULL);
}

static int sleeps_until(void) {
    struct timespec at = after(CLOCK_MONOTONIC);
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static int polls(void) {
    struct pollfd on = {never[0], POLLIN, 0};
    return poll(&on, 1, 2500);
}

static int polls_with_mask(void) {
    struct pollfd on = {never[0], POLLIN, 0};
    sigset_t all;
    sigfillset(&all);
    return ppoll(&on, 1, &wait_time, &all);
}

static int selects(void) {
    struct timeval most = {2, 500000};
    fd_set on;
    FD_ZERO(&on);
    FD_SET(never[0], &on);
    return select(never[0] + 1, &on, NULL, NULL, &most);
}

static int selects_with_mask(void) {
    fd_set on;
    sigset_t all;
    FD_ZERO(&on);
    FD_SET(never[0], &on);
    sigfillset(&all);
    return pselect(never[0] + 1, &on, NULL, NULL, &wait_time, &all);
}

static int waits_on_a_word(void) {
    static int word = 1;
    long answer = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, &wait_time, NULL, 0);
    return answer == -1 && errno == ETIMEDOUT ? 0 : -1;
}

static int waits_for_a_semaphore(void) {
    sem_t semaphore;
    struct timespec at = after(CLOCK_REALTIME);
    sem_init(&semaphore, 0, 0);
    return sem_timedwait(&semaphore, &at) == -1 && errno == ETIMEDOUT ? 0 : -1;
}

static int waits_in_epoll(void) {
    struct epoll_event event;
    return epoll_wait(epoll_never, &event, 1, 2500);
}

static int waits_for_a_timer(void) {
    uint64_t times = 0;
    struct itimerspec once = {{0, 0}, wait_time};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    return timerfd_settime(timer, 0, &once, NULL) == 0 && read(timer, &times, sizeof times) == 8 &&
                   times == 1
               ? 0
               : -1;
}

static int waits_for_a_child(void) {
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    int status = 0;
    if (child == 0) {
        nanosleep(&wait_time, NULL);
        _exit(7);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0
                                                                                                : -1;
}

static int waits_for_a_vfork(void) {
    int status;
    pid_t child = vfork();
    if (child == 0) {
        syscall(SYS_nanosleep, &wait_time, NULL);
        _exit(7);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? 0 : -1;
}

static int computes(void) {
    double until = seconds() + WAIT + 0.1;
    volatile uint64_t sum = 1;
    while (seconds() < until) {
        for (int i = 0; i < 1000; i++) {
            sum = mix(sum);
        }
    }
    return sum == 0;
}

static int yields(void) {
    double until = seconds() + WAIT + 0.1;
    while (seconds() < until) {
        sched_yield();
        usleep(100);
    }
    return 0;
}

static int reads_a_pipe(void) {
    char byte = 0;
    return read(later[0], &byte, 1) == 1 && byte == 'x' ? 0 : -1;
}

static int receives(void) {
    char bytes[8];
    return recv(packets[0], bytes, sizeof bytes, 0) == 1 ? 0 : -1;
}

static int reads_a_socket(void) {
    char bytes[8];
    return read(stream[0], bytes, sizeof bytes) == 1 ? 0 : -1;
}

/* The bytes of the whole write, though the pipe takes a part of it only until somebody reads. */
static int writes_much(void) {
    static char bytes[MUCH];
    return write(much[1], bytes, sizeof bytes) == MUCH ? 0 : -1;
}

static int receives_a_message(void) {
    struct {
        long kind;
        char text[8];
    } message;
    return msgrcv(queue, &message, sizeof message.text, 0, 0) == 1 ? 0 : -1;
}

static int takes_a_semaphore(void) {
    struct sembuf take = {0, -1, 0};
    return semop(semaphores, &take, 1);
}

static int takes_a_semaphore_in_time(void) {
    struct sembuf take = {1, -1, 0};
    return semtimedop(semaphores, &take, 1, &wait_time) == -1 && errno == EAGAIN ? 0 : -1;
}

static int locks_a_file(void) {
    int own = open("locked", O_RDWR | O_CLOEXEC);
    return flock(own, LOCK_EX);
}

static int interrupted(int answer) {
    return answer == -1 && errno == EINTR && signals == 1 ? 0 : -1;
}

static int pauses(void) {
    return interrupted(pause());
}

static int suspends(void) {
    sigset_t none;
    sigemptyset(&none);
    return interrupted(sigsuspend(&none));
}

static int waits_for_a_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return sigwaitinfo(&set, NULL) == SIGUSR1 && signals == 0 ? 0 : -1;
}

static int epoll_until_a_signal(void) {
    struct epoll_event event;
    return interrupted(epoll_wait(epoll_never, &event, 1, -1));
}

static int sleep_until_a_signal(void) {
    struct timespec most = {60, 0}, rest = {0, 0};
    int answer = interrupted(nanosleep(&most, &rest));
    return answer == 0 && rest.tv_sec >= 30 ? 0 : -1;
}

/* What ends the wait. */
enum cause { TIME, PARENT, SIGNAL, BLOCKED_SIGNAL };

static const struct kind {
    const char *name;
    int (*waits)(void);
    enum cause cause;
} kinds[] = {
    {"nanosleep", sleeps, TIME},
    {"clock_nanosleep", sleeps_until, TIME},
    {"poll", polls, TIME},
    {"ppoll", polls_with_mask, TIME},
    {"select", selects, TIME},
    {"pselect", selects_with_mask, TIME},
    {"futex", waits_on_a_word, TIME},
    {"sem_timedwait", waits_for_a_semaphore, TIME},
    {"epoll_wait", waits_in_epoll, TIME},
    {"timerfd", waits_for_a_timer, TIME},
    {"waitpid", waits_for_a_child, TIME},
    {"vfork", waits_for_a_vfork, TIME},
    {"computing", computes, TIME},
    {"yielding", yields, TIME},
    {"semtimedop", takes_a_semaphore_in_time, TIME},
    {"read of a pipe", reads_a_pipe, PARENT},
    {"recv", receives, PARENT},
    {"read of a socket", reads_a_socket, PARENT},
    {"write", writes_much, PARENT},
    {"msgrcv", receives_a_message, PARENT},
    {"semop", takes_a_semaphore, PARENT},
    {"flock", locks_a_file, PARENT},
    {"pause", pauses, SIGNAL},
    {"sigsuspend", suspends, BLOCKED_SIGNAL},
    {"sigwaitinfo", waits_for_a_signal, BLOCKED_SIGNAL},
    {"epoll_wait for ever", epoll_until_a_signal, SIGNAL},
    {"nanosleep and a signal", sleep_until_a_signal, SIGNAL},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Fills its memory before it waits. The C library's fork would make a reported call. */
static pid_t start(const struct kind *kind, char *memory, uint64_t tag, int ready) {
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child != 0) {
        return child;
    }
    fill(memory, KEPT, tag);
    if (write(ready, "r", 1) != 1) {
        _exit(ANSWER);
    }
    double began = seconds();
    errno = 0;
    if (kind->waits() != 0) {
        _exit(ANSWER);
    }
    double waited = seconds() - began;
    if (kind->cause == TIME && waited < WAIT - 0.01) {
        _exit(EARLY);
    }
    _exit(bad_pages(memory, KEPT, tag) == 0 ? 0 : MEMORY);
}

static void prepare(void) {
    CHECK(pipe(never) == 0 && pipe(later) == 0 && pipe(much) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, packets) == 0);
    epoll_never = epoll_create1(EPOLL_CLOEXEC);
    queue = msgget(IPC_PRIVATE, 0600);
    semaphores = semget(IPC_PRIVATE, 2, 0600);
    lock_file = open("locked", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    CHECK(epoll_never != -1 && queue != -1 && semaphores != -1 && flock(lock_file, LOCK_EX) == 0);
    signal(SIGUSR1, count_signal);
}

static void let_go(const pid_t *children) {
    static char bytes[MUCH];
    struct {
        long kind;
        char text[8];
    } message = {1, "m"};
    struct sembuf give = {0, 1, 0};
    CHECK(write(later[1], "x", 1) == 1 && send(packets[1], "x", 1, 0) == 1);
    CHECK(write(stream[1], "x", 1) == 1 && msgsnd(queue, &message, 1, 0) == 0);
    CHECK(semop(semaphores, &give, 1) == 0 && flock(lock_file, LOCK_UN) == 0);
    for (size_t got = 0; got < MUCH;) {
        ssize_t more = read(much[0], bytes, sizeof bytes);
        CHECK(more > 0);
        got += (size_t)more;
    }
    for (int i = 0; i < KINDS; i++) {
        if (kinds[i].cause == SIGNAL || kinds[i].cause == BLOCKED_SIGNAL) {
            CHECK(kill(children[i], SIGUSR1) == 0);
        }
    }
}

int main(void) {
    pid_t children[KINDS];
    int ready[2];
    char byte;
    sigset_t blocked, before;
    char *memory = map_filled(KEPT, 1);
    prepare();
    CHECK(pipe(ready) == 0);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    for (int i = 0; i < KINDS; i++) {
        sigprocmask(SIG_BLOCK, &blocked, &before);
        if (kinds[i].cause != BLOCKED_SIGNAL) {
            sigprocmask(SIG_SETMASK, &before, NULL);
        }
        children[i] = start(&kinds[i], memory, (uint64_t)(10 + i), ready[1]);
        sigprocmask(SIG_SETMASK, &before, NULL);
        CHECK(children[i] > 0);
    }
    for (int i = 0; i < KINDS; i++) {
        CHECK(read(ready[0], &byte, 1) == 1);
    }
    double until = seconds() + WAIT - 0.3;
    do {
        pressure();
    } while (seconds() < until);
    nap(500000);
    let_go(children);
    for (int i = 0; i < KINDS; i++) {
        printf("%s: %d\n", kinds[i].name, ended(children[i]));
    }
    EXPECT(bad_pages(memory, KEPT, 1) == 0, "the parent's memory is whole");
    msgctl(queue, IPC_RMID, NULL);
    semctl(semaphores, 0, IPC_RMID);
    return verdict();
}
