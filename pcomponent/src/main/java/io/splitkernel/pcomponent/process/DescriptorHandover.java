package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.PidFd;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Lends an agent a descriptor of the program's: the agent makes a call that does not exist, with a
 * key, and finds the descriptor as its result. Any thread.
 */
final class DescriptorHandover {
  /** The call by which an agent asks; its argument is the key. */
  static final int CALL = (int) Layout.of("LEGO_CALL_GET_FD");

  /** close(2). */
  static final long SYS_CLOSE = 3;

  private final AtomicLong keys = new AtomicLong();
  private final Map<Long, Integer> offered = new ConcurrentHashMap<>();

  /**
   * Runs a step with a descriptor of the program's.
   *
   * @param tid a thread that has it.
   * @param fd its number there.
   * @param ask makes the agent ask with a key; what it got, or {@code -errno}.
   * @param step run with the agent's number of it.
   * @param end closes that.
   * @return the step's result, -EBADF when the thread has no such descriptor.
   */
  long lend(int tid, int fd, LongUnaryOperator ask, LongUnaryOperator step, LongConsumer end) {
    ProcStatus status = ProcStatus.of(tid);
    int here = status == null || fd < 0 ? -Errno.EBADF : PidFd.steal(status.pid(), fd);
    if (here < 0) {
      return here == -Errno.EBADF ? here : -Errno.EAGAIN;
    }
    long key = offer(here);
    try {
      long theirs = ask.applyAsLong(key);
      if (theirs < 0) {
        return -Errno.EAGAIN;
      }
      try {
        return step.applyAsLong(theirs);
      } finally {
        end.accept(theirs);
      }
    } finally {
      withdraw(key);
      FileDescriptor.close(here);
    }
  }

  /** Offers a descriptor of this process to who asks with the key that is the result. */
  long offer(int here) {
    long key = keys.incrementAndGet();
    offered.put(key, here);
    return key;
  }

  /** Ends an offer. */
  void withdraw(long key) {
    offered.remove(key);
  }

  /**
   * An agent asks, or a thread that is to start one.
   *
   * @param install gives the caller a descriptor.
   */
  void onAsked(Call call, IntToLongFunction install) {
    Integer here = offered.get(call.arguments()[0]);
    call.answer(here == null ? -Errno.EBADF : install.applyAsLong(here));
  }
}
