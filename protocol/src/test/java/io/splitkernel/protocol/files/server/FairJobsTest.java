package io.splitkernel.protocol.files.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.protocol.rpc.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class FairJobsTest {
  private static final long SOON_NS = 1_000_000L;
  private static final long PATIENCE_NS = 30_000_000_000L;

  private static FileJob job(int id, int bytes) {
    return new FileJob(null, new Message(1, id, new UnsafeBuffer(new byte[bytes])));
  }

  @Test
  void shouldTakeFromLanesInTurns() throws Exception {
    FairJobs jobs = new FairJobs(8, 1 << 20);
    FairJobs.Lane greedy = jobs.open();
    FairJobs.Lane modest = jobs.open();
    for (int i = 0; i < 4; i++) {
      assertTrue(jobs.offer(greedy, job(i, 8), 0));
    }
    assertTrue(jobs.offer(modest, job(100, 8), 0));
    assertEquals(0, jobs.take(0).message().correlationId());
    assertEquals(100, jobs.take(0).message().correlationId());
    assertEquals(1, jobs.take(0).message().correlationId());
  }

  @Test
  void shouldLeaveWorkersToOthers() throws Exception {
    FairJobs jobs = new FairJobs(4, 1 << 20);
    FairJobs.Lane slow = jobs.open();
    FairJobs.Lane other = jobs.open();
    for (int i = 0; i < 4; i++) {
      assertTrue(jobs.offer(slow, job(i, 8), 0));
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(i, jobs.take(0).message().correlationId());
    }
    assertNull(jobs.take(SOON_NS), "the last worker is for others");
    assertTrue(jobs.offer(other, job(100, 8), 0));
    assertEquals(100, jobs.take(0).message().correlationId());
    jobs.done(slow);
    assertNull(jobs.take(SOON_NS), "one worker is kept for who has none");
    jobs.done(other);
    assertEquals(3, jobs.take(0).message().correlationId());
  }

  @Test
  void shouldLeaveWorkersToOthersWhenTwoClientsAreSlow() throws Exception {
    FairJobs jobs = new FairJobs(8, 1 << 20);
    FairJobs.Lane slow = jobs.open();
    FairJobs.Lane alsoSlow = jobs.open();
    for (int i = 0; i < 8; i++) {
      assertTrue(jobs.offer(slow, job(i, 8), 0));
    }
    for (int i = 0; i < 6; i++) {
      assertEquals(i, jobs.take(0).message().correlationId());
    }
    for (int i = 0; i < 8; i++) {
      assertTrue(jobs.offer(alsoSlow, job(50 + i, 8), 0));
    }
    assertEquals(50, jobs.take(0).message().correlationId());
    assertNull(jobs.take(SOON_NS), "the last worker is for who has none");
    FairJobs.Lane other = jobs.open();
    assertTrue(jobs.offer(other, job(100, 8), 0));
    assertEquals(100, jobs.take(0).message().correlationId());
    jobs.done(alsoSlow);
    assertEquals(51, jobs.take(0).message().correlationId(), "nothing of it runs now");
    jobs.done(other);
    jobs.done(slow);
    jobs.done(slow);
    assertEquals(6, jobs.take(PATIENCE_NS).message().correlationId());
  }

  @Test
  void shouldServeOneLaneWithOneWorker() throws Exception {
    FairJobs jobs = new FairJobs(1, 1 << 20);
    FairJobs.Lane lane = jobs.open();
    FileJob only = job(1, 8);
    assertTrue(jobs.offer(lane, only, 0));
    assertSame(only, jobs.take(0));
  }

  @Test
  void shouldBoundMemoryByLanesAndAlwaysTakeOne() throws Exception {
    FairJobs jobs = new FairJobs(4, 100);
    FairJobs.Lane first = jobs.open();
    FairJobs.Lane second = jobs.open();
    assertTrue(jobs.offer(first, job(1, 200), 0), "one of any size");
    assertFalse(jobs.offer(first, job(2, 1), SOON_NS));
    assertTrue(jobs.offer(second, job(3, 25), 0));
    assertTrue(jobs.offer(second, job(4, 25), 0));
    assertFalse(jobs.offer(second, job(5, 1), SOON_NS), "half of 100 is its share");
    jobs.close(first);
    assertTrue(jobs.offer(second, job(6, 50), 0), "all of it is its share now");
  }

  @Test
  void shouldLetAnOfferWaitForRoom() throws Exception {
    FairJobs jobs = new FairJobs(4, 10);
    FairJobs.Lane lane = jobs.open();
    assertTrue(jobs.offer(lane, job(1, 10), 0));
    CompletableFuture<Boolean> waiting = offerLater(jobs, lane);
    assertEquals(1, jobs.take(0).message().correlationId());
    assertTrue(waiting.get(30, TimeUnit.SECONDS));
    assertEquals(2, jobs.take(PATIENCE_NS).message().correlationId());
  }

  @Test
  void shouldRefuseAnOfferWhenTheLaneIsClosed() throws Exception {
    FairJobs jobs = new FairJobs(4, 10);
    FairJobs.Lane lane = jobs.open();
    assertTrue(jobs.offer(lane, job(1, 10), 0));
    CompletableFuture<Boolean> waiting = offerLater(jobs, lane);
    jobs.close(lane);
    assertFalse(waiting.get(30, TimeUnit.SECONDS));
    assertEquals(1, jobs.take(0).message().correlationId(), "what waited is still there");
  }

  private static CompletableFuture<Boolean> offerLater(FairJobs jobs, FairJobs.Lane lane) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return jobs.offer(lane, job(2, 10), PATIENCE_NS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }
}
