using BackupSidecar.SwapKill;

return args switch
{
    ["swap", var target, var staged, var restoreId, var appIsStopped, var stopAt] => await SwappingProcess.RunAsync(target, staged, restoreId, appIsStopped, stopAt),
    ["loop"] => await LoopingApplication.RunAsync(),
    ["wait", var path, var busyMs] => WaitingApplication.Run(path, busyMs),
    ["put", var root, var folder, var state, var name, var path] => await PuttingProcess.RunAsync(root, folder, state, name, path),
    _ => 2,
};
