title='Elixir: tasks, streams, maps'
packages='elixir'

run() {
  HOME=$PWD LC_ALL=C.UTF-8 elixir -e '
    sums = 1..2000
      |> Enum.map(fn n -> Task.async(fn -> Enum.reduce(1..rem(n, 300), 0, &(&1 * &1 + &2)) end) end)
      |> Enum.map(&Task.await(&1, :infinity))
    IO.puts(Enum.sum(sums))
    map = Map.new(1..150_000, fn i -> {:erlang.phash2(i), Integer.to_string(i)} end)
    IO.puts("#{map_size(map)} #{map |> Map.keys() |> Enum.sort() |> Enum.take(3) |> inspect()}")
    words = for i <- 1..100_000, do: "word#{rem(i * 7919, 5003)}"
    IO.puts(words |> Enum.frequencies() |> Enum.sort() |> :erlang.phash2())'
}
