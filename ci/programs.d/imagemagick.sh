title='ImageMagick: draws, blurs, scales'
packages='imagemagick'

run() {
  /usr/bin/convert -limit thread 2 -size 1600x1200 plasma:red-blue -seed 1 -depth 8 /dev/null
  /usr/bin/convert -limit thread 2 -size 1600x1200 gradient:red-blue -swirl 120 -blur 0x4 -resize 60% -depth 8 rgb:out
  md5sum <out
  /usr/bin/convert -limit thread 2 -size 960x720 -depth 8 rgb:out -rotate 30 -negate -quantize Lab -colors 16 -depth 8 rgb:- | md5sum
}
