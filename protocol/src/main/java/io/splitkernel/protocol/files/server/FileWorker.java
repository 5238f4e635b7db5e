package io.splitkernel.protocol.files.server;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that carries out operations, with a buffer of its own. */
final class FileWorker {
  private static final Logger LOG = LoggerFactory.getLogger(FileWorker.class);
  private static final long JOIN_MS = 5_000;
  private static final long LOOK_MS = 200;

  private final BlockingQueue<FileJob> jobs;
  private final FileOperations operations;
  private final FileRequest request = new FileRequest();
  private final FileAnswer answer = new FileAnswer();
  private final Thread thread;
  private volatile boolean stopping;

  FileWorker(int number, BlockingQueue<FileJob> jobs, FileOperations operations) {
    this.jobs = jobs;
    this.operations = operations;
    this.thread = Thread.ofPlatform().daemon().name("files-" + number).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void stop() {
    stopping = true;
  }

  void join() {
    try {
      thread.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!stopping) {
      try {
        FileJob job = jobs.poll(LOOK_MS, TimeUnit.MILLISECONDS);
        if (job != null) {
          carryOut(job);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void carryOut(FileJob job) {
    FileSession session = job.session();
    try {
      request.decode(job.message());
    } catch (RuntimeException e) {
      session.end("a malformed file operation: " + e.getMessage());
      session.done();
      return;
    }
    boolean answered = true;
    try {
      answer.begin();
      answered = operations.run(request, answer, session);
    } catch (RuntimeException e) {
      LOG.error("{} {}:{} failed", request.operation, request.volume, request.path, e);
      answer.begin();
      answer.result = -Errno.EIO;
    }
    if (answered) {
      session.answer(job.message().correlationId(), answer);
    } else {
      session.end("the client's buffer or the volume cannot be reached now");
    }
    session.done();
  }
}
