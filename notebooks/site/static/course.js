// The line that runs through the spectrogram of the home page while its sound plays; a click there plays from that moment.
for (const hero of document.querySelectorAll(".hero")) {
  const sound = hero.querySelector("audio"), picture = hero.querySelector(".sounding"), line = picture.querySelector("i");
  const move = () => {
    line.style.left = `${(100 * sound.currentTime) / (sound.duration || 1)}%`;
    if (!sound.paused) requestAnimationFrame(move);
  };
  sound.addEventListener("play", move);
  sound.addEventListener("seeked", move);
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    sound.currentTime = ((event.clientX - box.left) / box.width) * (sound.duration || 0);
    sound.play();
  });
}
