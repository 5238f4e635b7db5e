title='PHP: arrays, strings, objects'
packages='php-cli'

run() {
  php -d memory_limit=-1 -r '
    $x = 1; $a = [];
    for ($i = 0; $i < 200000; $i++) { $x = ($x * 1103515245 + 12345) & 0x7fffffff; $a["key $x"] = [$i, $x]; }
    ksort($a); $h = hash_init("sha256");
    foreach ($a as $k => $v) hash_update($h, $k . $v[0]);
    echo hash_final($h), " ", count($a), "\n";
    $o = []; for ($i = 0; $i < 10000; $i++) { $n = new stdClass; $n->prev = $o[$i - 1] ?? null; $n->v = $i; $o[] = $n; }
    $s = 0; for ($n = end($o); $n; $n = $n->prev) $s += $n->v; echo $s, "\n";
    unset($o, $a); gc_collect_cycles(); echo strlen(str_repeat("abc", 5000000)), "\n";'
}
