"""The names of `keras.layers`, one a line: writes layer_names.txt."""
import golden

keras = golden.start_keras("f32")
names = sorted(n for n in dir(keras.layers) if not n.startswith("_"))
(golden.HERE / "layer_names.txt").write_text("\n".join(names) + "\n")
print(f"layer_names.txt: {len(names)} names")
