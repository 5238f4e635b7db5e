title='OCaml: compiles a large generated program'
packages='ocaml-nox'
seconds=300

setup() {
  awk 'BEGIN { for (i = 0; i < 600; i++) {
      printf "let f%d x = match x with\n", i
      for (j = 0; j < 20; j++) printf "  | %d -> List.fold_left (+) x (List.map (fun y -> y * %d + x) [%d; %d; x])\n", j, i, j, i * j
      print "  | _ -> x" }
    print "let () = print_int (List.fold_left (fun a f -> a + f 7) 0 ["; for (i = 0; i < 600; i++) print "f" i ";"; print "]); print_newline ()" }' >program.ml
}

run() {
  cp "$work/program.ml" . && ocamlopt -w -a -o program program.ml && ./program
  ocamlc -w -a -o bytes program.ml && ./bytes
}
