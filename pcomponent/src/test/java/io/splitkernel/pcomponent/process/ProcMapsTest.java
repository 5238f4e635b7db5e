package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.splitkernel.pcomponent.space.MappingKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
final class ProcMapsTest {
  @Test
  void shouldTakePrivateAnonymousAreasOnly() {
    assertEquals(
        new ProcMaps.Area(0x7ffd1000L, 0x7ffd3000L, MappingKind.STACK),
        ProcMaps.anonymousArea("7ffd1000-7ffd3000 rw-p 00000000 00:00 0          [stack]"));
    assertEquals(
        new ProcMaps.Area(0x1000L, 0x2000L, MappingKind.ANONYMOUS),
        ProcMaps.anonymousArea("1000-2000 ---p 00000000 00:00 0 "));
    assertEquals(
        new ProcMaps.Area(0x1000L, 0x2000L, MappingKind.HEAP),
        ProcMaps.anonymousArea("1000-2000 rw-p 00000000 00:00 0 [heap]"));
    assertNull(ProcMaps.anonymousArea("1000-2000 rw-s 00000000 00:01 5 /memfd:x (deleted)"));
    assertNull(ProcMaps.anonymousArea("1000-2000 rw-p 00000000 fe:00 77 /usr/bin/sort"));
    assertNull(ProcMaps.anonymousArea("7ff1000-7ff2000 r-xp 00000000 00:00 0 [vdso]"));
    assertNull(ProcMaps.anonymousArea("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 "));
  }
}
