package io.splitkernel.scomponent.volume;

import io.splitkernel.protocol.files.Volume;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A volume that does not answer while its gate is shut, as one whose server is gone. */
final class GatedVolume {
  final Volume volume;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  GatedVolume(Volume behind) {
    volume =
        (Volume)
            Proxy.newProxyInstance(
                Volume.class.getClassLoader(),
                new Class<?>[] {Volume.class},
                (proxy, method, arguments) -> {
                  waiting.incrementAndGet();
                  gate.await();
                  waiting.decrementAndGet();
                  try {
                    return method.invoke(behind, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  void shut() {
    gate = new CountDownLatch(1);
  }

  void open() {
    gate.countDown();
  }

  /** Operations that wait now. */
  int waiting() {
    return waiting.get();
  }
}
