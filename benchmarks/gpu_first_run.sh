#!/usr/bin/env bash
# The first run on a GPU: everything that needs one, in three parts of nine minutes each.
#
#     bash benchmarks/gpu_first_run.sh OUT        all three
#     bash benchmarks/gpu_first_run.sh OUT 2      one part, on a machine of its own
#
# 1: the scripts of mlp and lenet train two epochs in every precision, with every option,
#    and compare their gradients (--check); the device tests; gpu_step.py --check-only.
# 2: a step of the MLPs is timed, and of mlp.net in one kernel. 3: a step of the networks for images.
#
# Needs python with CuPy, NumPy and, to compare with, torch and JAX. WHEELS names a folder
# of wheels for what is missing (nvidia-cudnn-frontend, nvmath-python, mlxtend); nothing
# else is fetched. Every line is kept in OUT, as is who failed and why; the exit code is 1
# where a part of ours did.
set -uo pipefail

out=${1:?say where the results go: gpu_first_run.sh OUT [1|2|3]}
parts=${2:-1 2 3}
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
export PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH} PYTHONUNBUFFERED=1
failed=0

if [ -n "${WHEELS:-}" ]; then
    python -m pip install -q --no-index --find-links "$WHEELS" \
        nvidia-cudnn-frontend nvmath-python cuda-pathfinder mlxtend ||
        echo "not all wheels of $WHEELS could be installed: what needs them is skipped"
fi

# run NAME SECONDS COMMAND...: keep what it prints in OUT/NAME.log, say how it ended
run() {
    local name=$1 seconds=$2 began=$SECONDS code=0
    shift 2
    timeout "$seconds" "$@" >"$out/$name.log" 2>&1 || code=$?
    local word=ok
    [ "$code" -eq 0 ] || word="FAILED (exit code $code): $(tail -n 1 "$out/$name.log")"
    [ "$code" -eq 124 ] && word="not done in $seconds s"
    [ "$code" -eq 4 ] && word="skipped: $(tail -n 1 "$out/$name.log")"
    [ "$code" -eq 0 ] || [ "$code" -eq 4 ] || failed=1
    echo "$name: $word ($((SECONDS - began)) s)" | tee -a "$out/summary.txt"
}

# script NAME OPTIONS...: write a script, train two epochs with it, check its gradients
script() {
    local network=$1 name=$1
    shift
    for word in "$@"; do name+=-${word#--}; done
    local path=$out/$name.py
    run "gen-$name" 30 python -m gradtutor gen "$network.net" --data mnist \
        --backend cupy "$@" -o "$path"
    [ -e "$path" ] || return 0
    run "train-$name" 60 python "$path" --epochs 2
    run "check-$name" 60 python "$path" --check
}

part_1() {
    for network in mlp lenet; do
        for precision in float32 tf32 bfloat16 float16; do
            script "$network" --precision "$precision"
        done
        script "$network" --products nvmath
    done
    script mlp --ties right
    script mlp --one-kernel
    script lenet --conv implicit
    script lenet --conv cudnn
    script lenet --conv cudnn --precision float16
    GRADTUTOR_DEVICE=1 run tests 300 python -m pytest -q -n 0 -p no:cacheprovider \
        -m gpu "${DEVICE_TESTS[@]}"
    run steps-checked 300 python "$root/benchmarks/gpu_step.py" --check-only
}

DEVICE_TESTS=("$root/tests/codegen/gpu/test_one_kernel.py")
for name in cudnn half implicit products recording script; do
    DEVICE_TESTS+=("$root/tests/codegen/gpu/test_cupy_$name.py")
done

MLPS=(mlp-400-25-15-10 mlp-784-16-16-10 mlp-784-256-128-10 mlp-784-1024-1024-10)
IMAGES=(lenet cnn-32x32x3 resnet-32x32x3 eeg-denoiser)

# epochs OPTIONS...: a script of mlp.net trains; the last line has the time of a step
epochs() {
    local name=epochs-mlp
    for word in "$@"; do name+=-${word#--}; done
    run "gen-$name" 30 python -m gradtutor gen mlp.net --data mnist \
        --backend cupy "$@" -o "$out/$name.py"
    [ -e "$out/$name.py" ] || return 0
    run "$name" 60 python "$out/$name.py" --epochs 10 --json
}

# timed NAME NETWORK...: float32 and bfloat16, a JSON line for each network at once
timed() {
    local name=$1
    shift
    for precision in float32 bfloat16; do
        run "$name-$precision" 270 bash -c 'python "$0" "${@:3}" --precision "$1" \
            --minutes 4 --json >>"$2"' "$root/benchmarks/gpu_step.py" "$precision" \
            "$out/$name.jsonl" "$@"
    done
}

command -v nvidia-smi >/dev/null && nvidia-smi >"$out/device.txt" 2>&1
python -m pip freeze >"$out/versions.txt" 2>/dev/null
for part in $parts; do
    case $part in
    1) part_1 ;;
    2)
        epochs
        epochs --one-kernel
        timed mlps "${MLPS[@]}"
        ;;
    3) timed images "${IMAGES[@]}" ;;
    *) echo "there is no part $part: 1, 2 or 3" >&2; exit 2 ;;
    esac
done
exit "$failed"
