title='R: matrices, sorting, a linear model'
packages='r-base-core'

run() {
  R --vanilla --slave -e '
    set.seed(1); n <- 600; m <- matrix(runif(n * n), n)
    s <- solve(m); cat(round(sum(abs(m %*% s - diag(n))), 4), "\n")
    x <- sample(3e6); y <- sort(x); cat(all(y == seq_along(y)), sum(as.numeric(x[1:1000])), "\n")
    d <- data.frame(a = rnorm(2e5), b = runif(2e5)); d$c <- 3 * d$a - d$b
    print(round(coef(lm(c ~ a + b, d)), 6)); gc() -> unused
    l <- split(d$a, cut(d$b, 1000)); cat(length(l), round(sum(sapply(l, sum)), 6), "\n")'
}
