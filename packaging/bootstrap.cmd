@echo off
rem Finds a Python 3.11 to 3.14 and hands over to bootstrap.py.
setlocal
python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))" >nul 2>&1 && set "PYTHON=python" && goto found
for %%v in (3.13 3.12 3.14 3.11) do (
    py -%%v -c "import ensurepip, venv" >nul 2>&1 && set "PYTHON=py -%%v" && goto found
)
echo [sliders] Sliders Desktop needs Python 3.11, 3.12, 3.13 or 3.14, and found none here.
echo           winget install Python.Python.3.13
exit /b 1

:found
%PYTHON% "%~dp0bootstrap.py" %*
exit /b %errorlevel%
