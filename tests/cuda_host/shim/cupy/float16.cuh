// CuPy's float16: the shim always has it.
#pragma once
