using BackupSidecar.SwapKill;

return args switch
{
    ["swap", var target, var staged, var restoreId, var stopAt] => await SwappingProcess.RunAsync(target, staged, restoreId, stopAt),
    ["loop"] => await LoopingApplication.RunAsync(),
    ["wait", var path, var busyMs] => WaitingApplication.Run(path, busyMs),
    _ => 2,
};
