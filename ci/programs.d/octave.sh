title='Octave: matrices, cells, strings'
packages='octave'

run() {
  HOME=$PWD octave-cli --no-gui --norc --quiet --eval '
    rand("twister", 1); n = 400; m = rand(n);
    printf("%.4f\n", sum(sum(abs(m * inv(m) - eye(n)))) < 1e-6);
    x = rand(1, 2e6); y = sort(x); printf("%d %.6f\n", issorted(y), sum(x));
    s = svd(m(1:200, 1:200)); printf("%.6f\n", s(1));
    c = cell(1, 20000); for i = 1:numel(c) c{i} = sprintf("%d-%d", i, mod(i * 7919, 20011)); end
    c = sort(c); printf("%s %s\n", c{1}, c{end});
    printf("%.6f\n", sum(abs(fft(x(1:2^18)))));'
}
