title='Erlang: 20,000 processes, messages, tables'
packages='erlang-base'

run() {
  HOME=$PWD erl -noshell -eval '
    Self = self(),
    Pids = [spawn(fun() -> receive {go, N} -> Self ! {N, lists:sum(lists:seq(1, N rem 500))} end end)
            || _ <- lists:seq(1, 20000)],
    lists:foldl(fun(P, N) -> P ! {go, N}, N + 1 end, 1, Pids),
    Sum = lists:foldl(fun(N, A) -> receive {N, V} -> A + V end end, 0, lists:seq(1, 20000)),
    io:format("sum ~p~n", [Sum]),
    T = ets:new(t, [ordered_set]),
    [ets:insert(T, {erlang:phash2(I), integer_to_list(I)}) || I <- lists:seq(1, 200000)],
    io:format("~p ~p ~p~n", [ets:info(T, size), ets:first(T), ets:last(T)]),
    L = lists:sort([erlang:phash2({I, x}) || I <- lists:seq(1, 300000)]),
    io:format("~p~n", [erlang:phash2(L)]),
    halt(0).'
}
