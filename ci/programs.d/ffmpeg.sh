title='ffmpeg: encodes and decodes a generated film'
packages='ffmpeg'
seconds=180

run() {
  ffmpeg -v error -f lavfi -i testsrc2=size=640x360:rate=25:duration=4 -f lavfi -i sine=frequency=440:duration=4 \
    -threads 2 -c:v mpeg4 -q:v 5 -flags bitexact -c:a pcm_s16le -fflags bitexact film.avi
  md5sum <film.avi
  ffmpeg -v error -i film.avi -vf scale=320:180,hqdn3d -f framemd5 -flags bitexact - | md5sum
}
