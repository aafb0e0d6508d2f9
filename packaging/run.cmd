@call "%~dp0bootstrap.cmd" run %*
