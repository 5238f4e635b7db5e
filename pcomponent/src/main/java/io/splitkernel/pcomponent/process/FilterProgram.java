package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The seccomp filter (seccomp(2), BPF): reports the calls of {@link SeenCalls}, and lets pass what
 * the agent's code does. It looks at the number before anything else, so that the kernel sees which
 * calls always pass and does not run it for those.
 */
final class FilterProgram {
  /** {@code sizeof(struct sock_filter)}. */
  static final int INSTRUCTION_BYTES = 8;

  static final int RET_ALLOW = 0x7fff0000;
  static final int RET_NOTIFY = 0x7fc00000;
  static final int RET_TRACE = 0x7ff00000;
  static final int RET_TRAP = 0x00030000;
  static final int RET_KILL_THREAD = 0;

  static final int LOAD = 0x20;
  static final int AND = 0x54;
  static final int JUMP = 0x05;
  static final int JUMP_EQUAL = 0x15;
  static final int JUMP_NOT_BELOW = 0x35;
  static final int RETURN = 0x06;

  static final int NUMBER = 0;
  static final int ARCHITECTURE = 4;
  static final int INSTRUCTION_POINTER = 8;
  static final int ARGUMENTS = 16;

  private static final String SEEN = "seen";
  private static final long SYS_GETPID = 39;

  private final List<Instruction> instructions = new ArrayList<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private final Blob blob;

  /** One instruction; an unconditional jump may name where it goes. */
  private record Instruction(int code, int yes, int no, int value, String target) {}

  /**
   * The code of the agent, which makes its calls unseen, and what it says by calls that do not
   * exist.
   *
   * @param start of the code; the region does not cross a multiple of 4 GiB.
   * @param bytes of it.
   * @param answers what the filter answers to such a call, by its number.
   * @param mmapOffset by which the supervisor's own mmap is known.
   */
  record Blob(long start, long bytes, Map<Integer, Integer> answers, long mmapOffset) {}

  private FilterProgram(Blob blob) {
    this.blob = blob;
  }

  /**
   * The program as an array of {@code struct sock_filter}.
   *
   * @param blob the agent's code.
   * @param x32 whether the kernel has the x32 calls, see {@link #kernelHasX32}.
   */
  static byte[] bytes(Blob blob, boolean x32) {
    FilterProgram program = new FilterProgram(blob);
    program.write(x32);
    return program.assemble();
  }

  /** Whether the kernel carries x32 calls out; otherwise they answer ENOSYS, as they should. */
  static boolean kernelHasX32() {
    return Syscall.call(SYS_GETPID | SeenCalls.X32_BIT, 0, 0, 0) != -Errno.ENOSYS;
  }

  /**
   * The program of a filter that allows some calls and traps all others; where the handler could
   * not lie, it ends the thread.
   */
  static byte[] strict(int[] allowed, int[] allowedI386) {
    FilterProgram program = new FilterProgram(null);
    program.emit(LOAD, ARCHITECTURE);
    program.jumpIfEqual(SeenCalls.ARCH_X86_64, "x86-64");
    program.jumpIfEqual(SeenCalls.ARCH_I386, "i386");
    program.emit(RETURN, RET_KILL_THREAD);
    program.label("x86-64");
    program.allowOnly(allowed, RET_TRAP);
    program.label("i386");
    program.allowOnly(allowedI386, RET_KILL_THREAD);
    program.label("allowed");
    program.emit(RETURN, RET_ALLOW);
    return program.assemble();
  }

  private void allowOnly(int[] numbers, int otherwise) {
    emit(LOAD, NUMBER);
    for (int number : numbers) {
      jumpIfEqual(number, "allowed");
    }
    emit(RETURN, otherwise);
  }

  private void write(boolean x32) {
    emit(LOAD, ARCHITECTURE);
    jumpIfEqual(SeenCalls.ARCH_X86_64, "x86-64");
    jumpIfEqual(SeenCalls.ARCH_I386, "i386");
    emit(RETURN, RET_ALLOW);
    label("x86-64");
    emit(LOAD, NUMBER);
    blob.answers().keySet().forEach(number -> jumpIfEqual(number, "blob " + number));
    if (x32) {
      emit(AND, ~SeenCalls.X32_BIT);
    }
    dispatch(SeenCalls.ARCH_X86_64);
    label("i386");
    emit(LOAD, NUMBER);
    dispatch(SeenCalls.ARCH_I386);
    blob.answers()
        .forEach((number, answer) -> {
          label("blob " + number);
          answerInBlob(answer, RET_ALLOW);
        });
    label(SEEN);
    answerInBlob(RET_ALLOW, RET_NOTIFY);
  }

  private void dispatch(int architecture) {
    for (SeenCalls call : SeenCalls.values()) {
      if (call.number(architecture) >= 0) {
        jumpIfEqual(call.number(architecture), bodyLabel(call, architecture));
      }
    }
    emit(RETURN, RET_ALLOW);
    for (SeenCalls call : SeenCalls.values()) {
      if (call.number(architecture) >= 0) {
        label(bodyLabel(call, architecture));
        body(call, architecture);
      }
    }
  }

  private static String bodyLabel(SeenCalls call, int architecture) {
    return call.name() + " " + architecture;
  }

  private void body(SeenCalls call, int architecture) {
    if (call == SeenCalls.MMAP && architecture == SeenCalls.ARCH_X86_64) {
      allowSupervisorsMmap();
    }
    if (call.conditions().isEmpty()) {
      jump(SEEN);
      return;
    }
    for (SeenCalls.Condition condition : call.conditions()) {
      int argument = ARGUMENTS + 8 * condition.argument();
      if (condition.isNotZero()) {
        jumpIfNotZero(argument, SEEN);
        jumpIfNotZero(argument + 4, SEEN);
        continue;
      }
      emit(LOAD, condition.high() ? argument + 4 : argument);
      if (condition.mask() != ~0) {
        emit(AND, condition.mask());
      }
      condition.values().forEach(value -> jumpIfEqual(value, SEEN));
    }
    emit(RETURN, RET_ALLOW);
  }

  private void allowSupervisorsMmap() {
    emit(LOAD, ARGUMENTS + 8 * 5 + 4);
    emit(JUMP_EQUAL, 0, 3, (int) (blob.mmapOffset() >>> 32));
    emit(LOAD, ARGUMENTS + 8 * 5);
    emit(JUMP_EQUAL, 0, 1, (int) blob.mmapOffset());
    emit(RETURN, RET_ALLOW);
  }

  /** Answers one thing to a call from the agent's code, another to any other. */
  private void answerInBlob(int inside, int outside) {
    long end = blob.start() + blob.bytes();
    emit(LOAD, INSTRUCTION_POINTER + 4);
    emit(JUMP_EQUAL, 0, 4, (int) (blob.start() >>> 32));
    emit(LOAD, INSTRUCTION_POINTER);
    emit(JUMP_NOT_BELOW, 0, 2, (int) blob.start());
    emit(JUMP_NOT_BELOW, 1, 0, (int) end);
    emit(RETURN, inside);
    emit(RETURN, outside);
  }

  private void emit(int code, int value) {
    emit(code, 0, 0, value);
  }

  private void emit(int code, int yes, int no, int value) {
    instructions.add(new Instruction(code, yes, no, value, null));
  }

  /** Conditional jumps reach 255 instructions, the others any. */
  private void jumpIfEqual(int value, String target) {
    emit(JUMP_EQUAL, 0, 1, value);
    jump(target);
  }

  private void jumpIfNotZero(int offset, String target) {
    emit(LOAD, offset);
    emit(JUMP_EQUAL, 1, 0, 0);
    jump(target);
  }

  private void jump(String target) {
    instructions.add(new Instruction(JUMP, 0, 0, 0, target));
  }

  private void label(String name) {
    labels.put(name, instructions.size());
  }

  private byte[] assemble() {
    ByteBuffer bytes =
        ByteBuffer.allocate(instructions.size() * INSTRUCTION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < instructions.size(); i++) {
      Instruction at = instructions.get(i);
      int value = at.target() == null ? at.value() : labels.get(at.target()) - i - 1;
      bytes.putShort((short) at.code()).put((byte) at.yes()).put((byte) at.no()).putInt(value);
    }
    return bytes.array();
  }
}
