"""The published run on the chip, 10,000 steps without an image: cores, synapse
words, time of a step and energy. Usage: hardware.py BIN FOLDER"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from validation import pilotnet  # noqa: E402
from validation.synfire import Synfire  # noqa: E402

synfire = Synfire(ROOT, pathlib.Path(sys.argv[2]),
                  pathlib.Path(sys.argv[1]).resolve())
chip = pilotnet.published(synfire)
ran = pilotnet.Hardware(synfire, "loihi2")
strict = pilotnet.Hardware(synfire, "loihi2", "--set", "core.buffered_sums=false")
fitted = pilotnet.Hardware(synfire, "loihi2-fitted")

print(f"\n{'layer':8}{'cores':>6}{'chip':>6}{'words':>8}{'chip':>6}")
for layer, _, cores, _, _, words, *_ in chip["mapping"]:
    print(f"{layer:8}{len(ran.cores[layer]):6}{cores:6}{ran.words(layer):8}"
          f"{words:6}")

print("\nfour steps that repeat, us")
for name, four in (("chip", chip["step_time_period4_mean"]),
                   ("loihi2", pilotnet.phases(ran.step_times())),
                   ("loihi2, a step waits for its synapses",
                    pilotnet.phases(strict.step_times()))):
    print(f"  {name:38}" + "".join(f"{us:7.1f}" for us in four)
          + f"   mean {sum(four) / 4:.1f}")

run = chip["runs"][2]
print("\ndynamic energy of a step, uJ")
print(f"  {'chip':38}{run['dynamic'] / run['fps'] / pilotnet.CYCLE * 1e6:7.1f}")
print(f"  {'loihi2':38}{ran.dynamic_uj():7.1f}")
print(f"  {'loihi2-fitted, scaled to this run':38}{fitted.dynamic_uj():7.1f}")
