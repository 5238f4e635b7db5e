package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricPair.Completion;
import io.splitkernel.fabric.FabricPair.End;
import io.splitkernel.fabric.FabricPair.Options;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which threads may use a connection at the same time. */
abstract class ThreadContract extends ErrorContract {
  private static final int ROUNDS = 20;
  private static final int MESSAGES = 2_000;
  private static final int WINDOW = 16;
  private static final int SLOT_BYTES = 64;
  private static final long SENT_FROM = 65_536;

  @Test
  void shouldKeepSendsOfOneThreadApartFromReceivesOfAnother() throws Exception {
    for (int slot = 0; slot < WINDOW; slot++) {
      receiveInto(server, slot);
      receiveInto(client, slot);
    }
    Semaphore room = new Semaphore(WINDOW);
    CompletableFuture<Void> echo =
        CompletableFuture.runAsync(() -> echo(server), FabricPair::start);
    CompletableFuture<Void> sender =
        CompletableFuture.runAsync(() -> sendAll(client, room), FabricPair::start);
    for (long expected = 0; expected < MESSAGES; expected++) {
      int slot = awaitMessage(client);
      assertEquals(expected, valueAt(client, (long) slot * SLOT_BYTES));
      receiveInto(client, slot);
      room.release();
    }
    sender.get(30, TimeUnit.SECONDS);
    echo.get(30, TimeUnit.SECONDS);
  }

  /** A crash of the JVM is what this is about. */
  @Test
  void shouldRefusePostsWhenAnotherThreadClosesAtTheSameTime() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Connection[] both = FabricPair.connect(client, server, Options.defaults());
      Connection posting = both[0];
      int lkey = client.region.lkeyOn(posting);
      int rkey = server.region.rkeyOn(both[1]);
      CountDownLatch started = new CountDownLatch(1);
      CompletableFuture<Void> poster =
          CompletableFuture.runAsync(
              () -> postUntilClosed(posting, lkey, rkey, started), FabricPair::start);
      assertTrue(started.await(30, TimeUnit.SECONDS));
      posting.close();
      poster.get(30, TimeUnit.SECONDS);
      both[1].close();
      drain(client);
      drain(server);
    }
  }

  private void postUntilClosed(Connection posting, int lkey, int rkey, CountDownLatch started) {
    WorkRequest write = new WorkRequest();
    write.write(1, server.region.iova(), rkey).local(lkey, client.region.iova(), Long.BYTES);
    int result = Connection.POSTED;
    while (result != Connection.CLOSED) {
      result = posting.post(write);
      started.countDown();
      client.queue.poll(client.batch);
      if (result == Connection.POSTED) {
        result = posting.postReceive(1, lkey, client.region.iova(), Long.BYTES);
      }
      assertNotEquals(Connection.INVALID, result);
    }
  }

  private static void drain(End end) {
    while (end.queue.poll(end.batch) > 0) {
      end.batch.clear();
    }
  }

  private static void echo(End end) {
    WorkRequest answer = new WorkRequest();
    for (int i = 0; i < MESSAGES; i++) {
      int slot = awaitMessage(end);
      long value = valueAt(end, (long) slot * SLOT_BYTES);
      receiveInto(end, slot);
      send(end, answer, slot, value);
    }
  }

  private static void sendAll(End end, Semaphore room) {
    WorkRequest question = new WorkRequest();
    try {
      for (int i = 0; i < MESSAGES; i++) {
        assertTrue(room.tryAcquire(30, TimeUnit.SECONDS), "no answer to one before " + i);
        send(end, question, i % WINDOW, i);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static int awaitMessage(End end) {
    Completion completion = end.awaitOne();
    while (completion.opcode() == Opcode.SEND) {
      assertEquals(CompletionStatus.SUCCESS, completion.status());
      completion = end.awaitOne();
    }
    assertEquals(CompletionStatus.SUCCESS, completion.status());
    assertEquals(Long.BYTES, completion.length());
    return (int) completion.wrId();
  }

  private static long valueAt(End end, long offset) {
    return end.memory.segment().get(ValueLayout.JAVA_LONG, offset);
  }

  private static void receiveInto(End end, int slot) {
    long address = end.region.iova() + (long) slot * SLOT_BYTES;
    assertEquals(
        Connection.POSTED, end.connection.postReceive(slot, lkey(end), address, SLOT_BYTES));
  }

  private static void send(End end, WorkRequest request, int slot, long value) {
    long offset = SENT_FROM + (long) slot * SLOT_BYTES;
    end.memory.segment().set(ValueLayout.JAVA_LONG, offset, value);
    request.send(slot).local(lkey(end), end.region.iova() + offset, Long.BYTES);
    assertEquals(Connection.POSTED, end.connection.post(request));
  }
}
