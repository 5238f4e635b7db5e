package io.splitkernel.protocol.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.splitkernel.protocol.sbe.AllocateExtentsEncoder;
import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import io.splitkernel.protocol.sbe.RegisterEncoder;
import io.splitkernel.protocol.sbe.Role;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.agrona.concurrent.UnsafeBuffer;

class MessageGatePropertyTest {
  private static byte[] register(long capacity, String name, List<String> counters) {
    UnsafeBuffer buffer = new UnsafeBuffer(new byte[16 * 1024]);
    RegisterEncoder message =
        new RegisterEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
    message.correlationId(1).role(Role.MEMORY).port(1).processId(2);
    message.capacityBytes(capacity).extentBytes(4096);
    RegisterEncoder.CounterNamesEncoder names = message.counterNamesCount(counters.size());
    counters.forEach(counter -> names.next().counter(counter));
    message.name(name).host("localhost");
    return Arrays.copyOf(
        buffer.byteArray(), MessageHeaderEncoder.ENCODED_LENGTH + message.encodedLength());
  }

  @Property(tries = 200)
  void shouldReadBackWhatWasWritten(
      @ForAll @LongRange(min = 1) long correlationId,
      @ForAll long spaceId,
      @ForAll @Size(max = 1000) long[] addresses)
      throws ProtocolViolation {
    UnsafeBuffer buffer = new UnsafeBuffer(new byte[16 * 1024]);
    AllocateExtentsEncoder message =
        new AllocateExtentsEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
    message.correlationId(correlationId).spaceId(spaceId);
    AllocateExtentsEncoder.WantedEncoder wanted = message.wantedCount(addresses.length);
    for (long address : addresses) {
      wanted.next().address(address);
    }
    int length = MessageHeaderEncoder.ENCODED_LENGTH + message.encodedLength();
    Message checked = new MessageGate().check(buffer.byteArray(), length);
    assertEquals(correlationId, checked.correlationId());
    assertEquals(spaceId + Arrays.stream(addresses).sum(), MessageReader.readAll(checked));
  }

  @Property(tries = 200)
  void shouldRefuseEveryCutAndEveryTail(
      @ForAll @AlphaChars @StringLength(max = 64) String name,
      @ForAll @Size(max = 8) List<@AlphaChars @StringLength(max = 20) String> counters,
      @ForAll @IntRange(min = 1, max = 64) int difference)
      throws ProtocolViolation {
    byte[] whole = register(1, name, counters);
    MessageGate gate = new MessageGate();
    assertEquals(
        1 + name.length() + 9 + counters.stream().mapToInt(String::length).sum(),
        MessageReader.readAll(gate.check(whole, whole.length)));
    byte[] longer = Arrays.copyOf(whole, whole.length + difference);
    assertThrows(ProtocolViolation.class, () -> gate.check(longer, longer.length));
    int cut = Math.max(0, whole.length - difference);
    assertThrows(ProtocolViolation.class, () -> gate.check(whole, cut));
  }

  @Property(tries = 2000)
  void shouldReadOrRefuseWhateverIsFlipped(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 20_000) Integer> places,
      @ForAll byte value) {
    byte[] bytes = register(77, "name", List.of("one", "two", "three"));
    places.forEach(place -> bytes[place % bytes.length] = value);
    try {
      MessageReader.readAll(new MessageGate().check(bytes, bytes.length));
    } catch (ProtocolViolation refused) {
      // what hostile bytes should meet
    }
  }

  @Property(tries = 500)
  void shouldReadOrRefusePreambles(@ForAll @Size(max = 200) byte[] bytes) {
    ConnectionPreamble preamble = ConnectionPreamble.decode(bytes);
    if (preamble != null) {
      assertEquals(preamble, ConnectionPreamble.decode(preamble.encode()));
    }
  }

  @Property(tries = 200)
  void shouldReadBackPreambles(
      @ForAll ConnectionPreamble.Kind kind,
      @ForAll long spaceId,
      @ForAll long high,
      @ForAll long low) {
    ConnectionPreamble preamble = new ConnectionPreamble(kind, spaceId, high, low);
    assertEquals(preamble, ConnectionPreamble.decode(Arrays.copyOf(preamble.encode(), 192)));
  }
}
