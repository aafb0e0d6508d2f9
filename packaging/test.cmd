@call "%~dp0bootstrap.cmd" test %*
