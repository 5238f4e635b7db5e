package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.region.LocalMemory;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must not go on, and what must not hang. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerFailureTest {
  private static final int PAGE = PagerFixture.PAGE;

  private final LateMemory memory = new LateMemory(new LocalMemory(16L << 20));

  @Test
  void shouldTellWhenThePagerThreadDiesAndRefuseEverything() throws Exception {
    PagerFixture fixture = new PagerFixture(PagerFixture.config(64), 100, memory);
    memory.breakDown(new IllegalStateException("as the test wants it"));
    assertThrows(
        IllegalStateException.class,
        () -> {
          fixture.pager.unclaim(fixture.space);
          fixture.pager.unclaim(fixture.space);
        });
    Awaitility.await().until(() -> fixture.failures.size() == 1);
    String reason = fixture.failures.peek();
    assertTrue(reason.contains("as the test wants it") && !reason.contains("\n"), reason);
    long start = System.nanoTime();
    assertThrows(
        IllegalStateException.class,
        () -> fixture.pager.drop(fixture.space, fixture.area, fixture.page(1)));
    assertTrue(System.nanoTime() - start < fixture.config.commandTimeoutNs() / 2, "it waited");
    fixture.abandon();
  }

  @Test
  void shouldTellWhenTheEvictorThreadDies() throws Exception {
    PagerFixture fixture = new PagerFixture(PagerFixture.config(64), 100, memory);
    fixture.agent.death = new OutOfMemoryError("as the test wants it");
    Thread program =
        Thread.ofPlatform().daemon(true).start(() -> Touch.fill(fixture.area, 100, PAGE, 1));
    Awaitility.await().until(() -> fixture.failures.size() == 1);
    assertTrue(fixture.failures.peek().contains("lego-evictor"), fixture.failures.peek());
    fixture.abandon(program);
  }

  @Test
  void shouldMakeNoVictimOfAReadThatFailed() {
    List<String> lost = new ArrayList<>();
    PagerState state =
        new PagerState(
            PagerFixture.config(64),
            memory,
            new ProcessorCounters(),
            new FaultLatency(),
            new LostOnly(lost));
    Space space =
        new Space(state.cache.open(1), -1, new AddressSpaceModel(), null, 0, System.nanoTime());
    state.spaces[1] = space;
    long entry = PageEntry.with(PageEntry.NONE, PageState.REMOTE, 0) | PageEntry.SLOT;
    state.cache.put(space.pages, 7, PageEntry.NONE, entry);
    memory.failReads();
    try (Installer installer = new Installer(state)) {
      Fetches fetches = new Fetches(state, installer);
      fetches.fetch(space, 7, entry, FaultServer.FAULT, 0);
      RemoteEvents events = new RemoteEvents(4);
      assertEquals(1, memory.poll(events));
      int frame = Tokens.frame(events.token(0));
      fetches.onRead(frame, false, events.reason(0));
      assertEquals(PageState.REMOTE, PageEntry.state(space.pages.table().get(7)));
      assertEquals(Frames.Use.FREE, state.cache.frames().use(frame));
      assertEquals(List.of("memory lost: as the test wants it"), lost);
    }
    state.cache.close();
    state.uffd.close();
    memory.close();
  }

  private record LostOnly(List<String> lost) implements AddressSpaces.Listener {
    @Override
    public void onMemoryLost(int space, String reason) {
      lost.add(reason);
    }

    @Override
    public void onOutOfMemory(int space, String reason) {}

    @Override
    public void onSpaceEnded(int space, long awayBytes) {}

    @Override
    public void onAgentWanted(int space) {}

    @Override
    public void onPagerFailed(String reason) {}
  }
}
