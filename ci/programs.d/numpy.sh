title='numpy: matrices, sorting, Fourier transforms'
packages='python3-numpy'

run() {
  /usr/bin/python3 -c '
import hashlib
import numpy as np
r = np.random.default_rng(1)
a = r.integers(0, 1 << 30, 3_000_000)
print(hashlib.sha256(np.sort(a).tobytes()).hexdigest(), np.unique(a // 1000).size)
m = r.random((500, 500))
print(round(float(np.abs(m @ np.linalg.inv(m) - np.eye(500)).max()), 6))
f = np.fft.ifft(np.fft.fft(r.random(1 << 19)))
print(round(float(f.real.sum()), 6))
b = np.lib.stride_tricks.sliding_window_view(a, 5).sum(axis=1)
print(int(b.max()), int(b.sum()))'
}
