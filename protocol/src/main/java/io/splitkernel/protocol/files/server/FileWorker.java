package io.splitkernel.protocol.files.server;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.sbe.FileOperation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that carries out operations, with a buffer of its own. */
final class FileWorker {
  private static final Logger LOG = LoggerFactory.getLogger(FileWorker.class);
  private static final long JOIN_MS = 5_000;
  private static final long LOOK_NS = 200_000_000L;

  private final FairJobs jobs;
  private final FileOperations operations;
  private final FileServerEvents events;
  private final FileRequest request = new FileRequest();
  private final FileAnswer answer = new FileAnswer();
  private final Thread thread;
  private volatile boolean stopping;

  FileWorker(int number, FairJobs jobs, FileOperations operations, FileServerEvents events) {
    this.events = events;
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
        FileJob job = jobs.take(LOOK_NS);
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
    } catch (OutOfMemoryError e) {
      LOG.error("{} {}:{}", request.operation, request.volume, request.path, e);
      answer.begin();
      answer.result = -Errno.ENOMEM;
    }
    if (answered) {
      count();
      session.answer(job.message().correlationId(), answer);
    } else {
      session.end("the client's buffer or the volume cannot be reached now");
    }
    session.done();
  }

  private void count() {
    long bytes = Math.max(0, answer.result);
    boolean read = request.operation == FileOperation.READ;
    boolean write = FileOperations.isWrite(request.operation);
    events.onOperation(read ? bytes : 0, write ? bytes : 0);
  }
}
