package io.splitkernel.protocol.rpc;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Arbitrary bytes either are a message that can be read to its end, or are refused in good order.
 * Runs with Maven's profile {@code fuzz} only, because the fuzzer instruments its whole JVM.
 */
class MessageGateFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void shouldReadOrRefuseAnyBytes(byte[] bytes) {
    check(bytes);
  }

  @FuzzTest(maxDuration = "8h")
  void forHours(byte[] bytes) {
    check(bytes);
  }

  private static void check(byte[] bytes) {
    try {
      MessageReader.readAll(new MessageGate().check(bytes, bytes.length));
    } catch (ProtocolViolation refused) {
      // what hostile bytes should meet
    }
    ConnectionPreamble.decode(bytes);
  }
}
