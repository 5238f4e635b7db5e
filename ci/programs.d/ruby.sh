title='Ruby: objects, hashes, threads, fork'
packages='ruby'

run() {
  ruby -rdigest -e '
    Item = Struct.new(:key, :text, :list)
    x = 1
    items = (0...200_000).map { |i| x = (x * 1103515245 + 12345) & 0x7fffffff; Item.new(x, "item #{x}", [i, x]) }
    table = items.to_h { |i| [i.text, i] }
    digest = Digest::SHA256.new
    items.sort_by { |i| [i.key, i.list[0]] }.each { |i| digest << table[i.text].text }
    puts digest.hexdigest, table.size
    puts 4.times.map { |n| Thread.new { (1..50_000).map { |k| (k * n).to_s }.sort.last } }.map(&:value).inspect
    pid = fork { GC.start; exit!(table.size % 100) }
    Process.wait pid
    puts $?.exitstatus
    GC.start; GC.compact if GC.respond_to?(:compact) rescue nil
    puts items.sum(&:key)'
}
