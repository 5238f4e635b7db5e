/* Signals that are ignored, by the program or by default, interrupt nothing: the calls that are never
 * restarted go on waiting until their time is over. */
#include "situation.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/sem.h>

static pid_t pesterer;

static void pester(pid_t whom) {
    static const int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGUSR1, SIGCONT};
    pesterer = fork();
    if (pesterer == 0) {
        for (unsigned i = 0; kill(whom, ignored[i % 5]) == 0; i++) {
            pid_t child = fork();
            if (child == 0) {
                _exit(0);
            }
            waitpid(child, NULL, 0);
            nap(3000);
        }
        _exit(0);
    }
    CHECK(pesterer > 0);
}

static void report(const char *what, long answer) {
    int error = errno;
    printf("%s: %s\n", what, answer == 0 ? "0" : strerror(error));
}

int main(void) {
    CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    char *memory = map_filled(MIB, 1);
    int pipes[2], epoll = epoll_create1(0);
    CHECK(pipe(pipes) == 0 && epoll >= 0);
    struct epoll_event event = {.events = EPOLLIN};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[0], &event) == 0);
    int semaphore = semget(IPC_PRIVATE, 1, 0600), queue = msgget(IPC_PRIVATE, 0600);
    CHECK(semaphore >= 0 && queue >= 0);
    pester(getpid());

    report("epoll_wait", epoll_wait(epoll, &event, 1, 200));
    struct pollfd wanted = {pipes[0], POLLIN, 0};
    report("poll", poll(&wanted, 1, 200));
    sigset_t rare;
    sigemptyset(&rare);
    sigaddset(&rare, SIGRTMIN + 5);
    struct timespec while_ = {0, 200000000};
    report("sigtimedwait", sigtimedwait(&rare, NULL, &while_));
    struct sembuf down = {0, -1, 0};
    report("semtimedop", semtimedop(semaphore, &down, 1, &while_));
    struct timespec rest = {0, 200000000};
    report("nanosleep", nanosleep(&rest, NULL));
    int word = 0;
    report("futex", syscall(SYS_futex, &word, FUTEX_WAIT, 0, &while_, NULL, 0));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(pipes[0], &set);
    struct timeval moment = {0, 200000};
    report("select", select(pipes[0] + 1, &set, NULL, NULL, &moment));
    struct epoll_event none;
    sigset_t nothing;
    sigemptyset(&nothing);
    report("epoll_pwait", epoll_pwait(epoll, &none, 1, 200, &nothing));

    kill(pesterer, SIGKILL);
    EXPECT(ended(pesterer) == 1000 + SIGKILL, "the pesterer was killed");
    CHECK(semctl(semaphore, 0, IPC_RMID) == 0 && msgctl(queue, IPC_RMID, NULL) == 0);
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory");
    return verdict();
}
